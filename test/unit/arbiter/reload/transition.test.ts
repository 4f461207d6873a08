// Which generation is wanted, which one a failed reload goes back to, and what is removed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { CommandQueue } from '../../../../src/arbiter/loop/queue.ts'
import type { Generation } from '../../../../src/arbiter/model/generation.ts'
import { Transition } from '../../../../src/arbiter/reload/transition.ts'
import { ConfigError } from '../../../../src/config/problems/problem.ts'
import type { Settings } from '../../../../src/config/settings/table.ts'
import { generationOf } from '../world/generations.ts'

function generation(number: number, settings: Partial<Settings> = {}, uid?: number): Generation {
  return generationOf(number, uid === undefined ? { settings } : { settings, uid })
}

const one = 1

interface Setup {
  readonly transition: Transition
  readonly queue: CommandQueue
  readonly discarded: number[]
  /** What the next loads return. */
  readonly loads: (Generation | Error)[]
}

function setup(): Setup {
  const queue = new CommandQueue()
  const discarded: number[] = []
  const loads: (Generation | Error)[] = []
  const steps = {
    next: (): Promise<Generation> => {
      const load = loads.shift() ?? new Error('no load was expected')
      return load instanceof Error ? Promise.reject(load) : Promise.resolve(load)
    },
    discard: ({ number }: Generation): void => void discarded.push(number),
    renew: (): void => undefined,
  }
  return { transition: new Transition(generation(1), steps, queue), queue, discarded, loads }
}

test(
  'a load that succeeds becomes the wanted generation, with its fixed settings and the identity of the ' +
    'first',
  async () => {
    const { transition, queue, loads } = setup()
    loads.push(generation(2, { workers: 3, pidfile: 'other.pid' }, 33))
    assert.equal(transition.load().begins, true)
    const command = await queue.take()
    assert.ok(command.type === 'loaded')
    assert.equal(transition.current.number, 1, 'only the arbiter adopts')
    assert.deepEqual(transition.adopt(command.generation, one, 500), ['pidfile'])
    assert.deepEqual([transition.current.number, transition.since], [2, 500])
    assert.equal(transition.current.config.settings.pidfile, null)
    assert.equal(transition.current.config.identity.uid, undefined)
  },
)

test('a HUP during the start, a load or a reload is remembered once', async () => {
  const { transition, queue, loads } = setup()
  loads.push(generation(2), generation(3))
  assert.deepEqual(transition.load(true), { attempt: 1, begins: false })
  assert.equal(transition.loadRemembered(), true)
  assert.deepEqual(transition.load(), { attempt: 2, begins: false }, 'while it loads')
  assert.equal(transition.loadRemembered(), false, 'not before that load is over')
  const command = await queue.take()
  assert.ok(command.type === 'loaded')
  transition.adopt(command.generation, one, 0)
  assert.equal(transition.load().begins, false, 'while it reloads')
  assert.equal(transition.loadRemembered(), false)
  transition.complete()
  assert.equal(transition.loadRemembered(), true)
  assert.equal(transition.loadRemembered(), false)
  assert.equal(transition.attempt, 2)
  assert.equal((await queue.take()).type, 'loaded')
})

test('a load that fails says why: a mistake of the user without a stack, anything else with it', async () => {
  const { transition, queue, loads } = setup()
  loads.push(
    new ConfigError([{ where: 'server.config.ts', name: 'workers', message: 'wrong' }]),
    new Error('a defect'),
  )
  transition.load()
  assert.deepEqual(await queue.take(), { type: 'load_failed', reason: 'server.config.ts: workers: wrong' })
  transition.loadFailed()
  assert.equal(transition.load().begins, true)
  const second = await queue.take()
  assert.ok(second.type === 'load_failed' && /Error: a defect\n\s+at /.test(second.reason))
})

test('a failed generation is left for the old one, once', () => {
  const { transition, discarded } = setup()
  const failed = generation(2, { workers: 4 })
  transition.adopt(failed, one, 0)
  assert.equal(transition.revert(1), undefined, 'a worker of the old generation fails no reload')
  const reverted = transition.revert(2)
  assert.deepEqual([reverted?.failed.number, reverted?.target], [2, 1])
  assert.deepEqual([transition.current.number, transition.since], [1, undefined])
  assert.equal(transition.revert(1), undefined, 'no reload is in progress')
  transition.adopt(generation(3, { workers: 4 }), one, 0)
  transition.revert(3)
  transition.discardUnused(({ number }) => number === 3)
  assert.deepEqual(discarded, [2], 'a worker of generation 3 still lives')
  transition.discardUnused(() => false)
  assert.deepEqual(discarded, [2, 3])
})

test('what was loaded and is outdated is dropped, and its code removed', () => {
  const { transition, discarded, loads } = setup()
  loads.push(generation(2))
  transition.load()
  assert.equal(transition.isLoading, true)
  transition.drop(generation(2))
  assert.equal(transition.isLoading, false)
  transition.drop(undefined)
  transition.discardUnused(() => false)
  assert.deepEqual(discarded, [2])
})

test('a generation that cannot run keeps its number and shows its error', () => {
  const { transition } = setup()
  transition.breakWith({ message: 'no', stack: '' })
  assert.deepEqual([transition.current.number, transition.current.broken?.message], [1, 'no'])
})

test('the code of an old generation is removed when its last worker has exited', async () => {
  const { transition, discarded } = setup()
  transition.adopt(generation(2), one, 0)
  transition.discardUnused(() => false)
  assert.deepEqual(discarded, [], 'it may be wanted again')
  transition.complete()
  transition.discardUnused(() => true)
  assert.deepEqual(discarded, [])
  transition.discardUnused(() => false)
  transition.discardUnused(() => false)
  assert.deepEqual(discarded, [1])
  await turn()
})
