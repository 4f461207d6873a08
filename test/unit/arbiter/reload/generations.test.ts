// Reloads without processes: which settings stay, when a reload is done, which generation is wanted, what is
// thrown away.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { CommandQueue } from '../../../../src/arbiter/model/commands.ts'
import type { Generation } from '../../../../src/arbiter/model/generation.ts'
import { Generations } from '../../../../src/arbiter/reload/generations.ts'
import { isComplete, keepFixed } from '../../../../src/arbiter/reload/complete.ts'
import { HookRunner } from '../../../../src/config/hooks/runner.ts'
import { ConfigError } from '../../../../src/config/problems/problem.ts'
import { resolveSettings } from '../../../../src/config/sources/resolve.ts'
import type { Settings } from '../../../../src/config/settings/table.ts'
import { worker } from '../records.ts'

function settingsWith(changes: Partial<Settings>): Settings {
  const resolved = resolveSettings([{ where: 'test', values: { app: './app.js', ...changes } }], {})
  assert.deepEqual(resolved.problems, [])
  return resolved.settings
}

function generation(number: number, changes: Partial<Settings> = {}, uid?: number): Generation {
  const hooks = new HookRunner({ sources: {}, timeout: 1000, onFailure: () => undefined })
  const settings = settingsWith(changes)
  const identity = { uid, gid: undefined, initgroups: undefined }
  const files = { file: null, codeFile: null, hookFiles: [], hooks: {}, warnings: [] }
  // what the arbiter reads of it
  const config = { ...files, settings, identity } as unknown as Generation['config']
  return {
    number,
    config,
    hooks,
    codeStore: `store-${number}`,
    workers: typeof settings.workers === 'number' ? settings.workers : 1,
    listeners: [],
  }
}

interface Setup {
  readonly generations: Generations
  readonly queue: CommandQueue
  readonly discarded: number[]
  /** What the next loads answer. */
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
  return { generations: new Generations(generation(1), steps, queue), queue, discarded, loads }
}

test('settings that only a restart changes keep their old values and are named', () => {
  const before = settingsWith({ bind: '127.0.0.1:1', pidfile: 'a.pid', workers: 1 })
  const after = settingsWith({ bind: '127.0.0.1:2', pidfile: 'b.pid', workers: 5 })
  const { settings, kept } = keepFixed(before, after)
  assert.deepEqual(kept, ['pidfile'])
  assert.deepEqual([settings.bind, settings.pidfile, settings.workers], ['127.0.0.1:2', 'a.pid', 5])
  assert.deepEqual(keepFixed(before, before).kept, [])
})

test(
  'a reload is done when every slot has a ready worker of the generation and nobody else holds one or ' +
    'accepts',
  () => {
    const current = [worker({ nr: 0, generation: 2 }), worker({ nr: 1, generation: 2 })]
    assert.ok(isComplete(current, 2, 2))
    assert.ok(!isComplete(current, 2, 3), 'a slot is empty')
    assert.ok(!isComplete(current, 2, 1), 'one too many')
    assert.ok(!isComplete(current, 3, 2), 'outdated')
    assert.ok(
      !isComplete(
        [worker({ nr: 0, generation: 2 }), worker({ nr: 1, generation: 2, state: 'booting' })],
        2,
        2,
      ),
    )
    const draining = worker({ age: 9, generation: 1, state: 'draining' })
    assert.ok(!isComplete([...current, draining], 2, 2), 'an old worker has not shut its gate yet')
    assert.ok(isComplete([...current, { ...draining, accepting: false }], 2, 2))
    assert.ok(isComplete([], 2, 0))
  },
)

test(
  'a load that succeeds becomes the wanted generation, with its fixed settings and the identity of the ' +
    'first',
  async () => {
    const { generations, queue, loads } = setup()
    loads.push(generation(2, { workers: 3, pidfile: 'other.pid' }, 33))
    assert.equal(generations.load().begins, true)
    const command = await queue.take()
    assert.ok(command.type === 'loaded')
    assert.equal(generations.current.number, 1, 'only the arbiter adopts')
    assert.deepEqual(generations.adopt(command.generation, 1, 500), ['pidfile'])
    assert.deepEqual([generations.current.number, generations.since], [2, 500])
    assert.equal(generations.current.config.settings.pidfile, null)
    assert.equal(generations.current.config.identity.uid, undefined)
  },
)

test('a HUP during the start, a load or a reload is remembered once', async () => {
  const { generations, queue, loads } = setup()
  loads.push(generation(2), generation(3))
  assert.deepEqual(generations.load(true), { attempt: 1, begins: false })
  assert.equal(generations.loadRemembered(), true)
  assert.deepEqual(generations.load(), { attempt: 2, begins: false }, 'while it loads')
  assert.equal(generations.loadRemembered(), false, 'not before that load is over')
  const command = await queue.take()
  assert.ok(command.type === 'loaded')
  generations.adopt(command.generation, 1, 0)
  assert.equal(generations.load().begins, false, 'while it reloads')
  assert.equal(generations.loadRemembered(), false)
  generations.complete()
  assert.equal(generations.loadRemembered(), true)
  assert.equal(generations.loadRemembered(), false)
  assert.equal(generations.attempt, 2)
  assert.equal((await queue.take()).type, 'loaded')
})

test('a load that fails says why: a mistake of the user without a stack, anything else with it', async () => {
  const { generations, queue, loads } = setup()
  loads.push(
    new ConfigError([{ where: 'server.config.ts', name: 'workers', message: 'wrong' }]),
    new Error('a defect'),
  )
  generations.load()
  assert.deepEqual(await queue.take(), { type: 'load_failed', reason: 'server.config.ts: workers: wrong' })
  generations.loadFailed()
  assert.equal(generations.load().begins, true)
  const second = await queue.take()
  assert.ok(second.type === 'load_failed' && /Error: a defect\n\s+at /.test(second.reason))
})

test(
  'a failed generation is left for the old one with its number of workers, unless an operator has ' +
    'changed that since',
  () => {
    const { generations, discarded } = setup()
    generations.adopt(generation(2, { workers: 4 }), 1, 0)
    assert.equal(generations.revert(1, 4), undefined, 'a worker of the old generation fails no reload')
    assert.equal(generations.revert(2, 4), 1)
    assert.deepEqual([generations.current.number, generations.since], [1, undefined])
    assert.equal(generations.revert(1, 4), undefined, 'no reload is going on')
    generations.adopt(generation(3, { workers: 4 }), 1, 0)
    assert.equal(generations.revert(3, 5), 5)
    generations.discardUnused(({ number }) => number === 3)
    assert.deepEqual(discarded, [2], 'a worker of generation 3 still lives')
    generations.discardUnused(() => false)
    assert.deepEqual(discarded, [2, 3])
  },
)

test('the code of an old generation goes when its last worker has gone', async () => {
  const { generations, discarded } = setup()
  generations.adopt(generation(2), 1, 0)
  generations.discardUnused(() => false)
  assert.deepEqual(discarded, [], 'it may be wanted again')
  generations.complete()
  generations.discardUnused(() => true)
  assert.deepEqual(discarded, [])
  generations.discardUnused(() => false)
  generations.discardUnused(() => false)
  assert.deepEqual(discarded, [1])
  await turn()
})
