// How the process that runs preload() ends, and what becomes of that.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WorkerMessage } from '../../../../src/ipc/messages.ts'
import type { ProcessEnd } from '../../../../src/arbiter/model/death/process-end.ts'
import type { WorkerHandlers, WorkerStart } from '../../../../src/arbiter/model/system.ts'
import {
  PreloadFailure,
  PreloadStopped,
  runPreloadProcess,
  type PreloadRun,
} from '../../../../src/arbiter/preload/preload-process.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

const result = { data: { size: 8, table: { offset: 0, length: 8 } }, files: [] }
const succeeded: ProcessEnd = { code: 0, signal: null }

class World {
  readonly clock = new FakeClock()
  readonly run: PreloadRun
  kills = 0
  #handlers: WorkerHandlers | undefined

  constructor(limit = 30_000) {
    // only its module is read
    const start = { boot: { preload: { module: '/srv/app.ts' } } } as unknown as WorkerStart
    this.run = runPreloadProcess({
      start,
      startWorker: (_, handlers) => {
        this.#handlers = handlers
        return {
          pid: 7,
          outputEnded: Promise.resolve(),
          send: () => undefined,
          kill: () => void (this.kills += 1),
        }
      },
      clock: this.clock,
      limit,
      allowance: 2000,
    })
    this.run.result.catch(() => undefined) // each test looks at it when it has ended
  }

  says(message: WorkerMessage): void {
    this.#handlers?.onMessage(message)
  }

  closesChannel(): void {
    this.#handlers?.onChannelClosed()
  }

  ends(end: ProcessEnd): void {
    this.#handlers?.onEnd(end)
  }
}

const failsWith = (message: RegExp) => (error: unknown) =>
  error instanceof PreloadFailure && message.test(error.message)

test('the result is there when the process has ended, not before', async () => {
  const world = new World()
  let settled = false
  void world.run.result.then(() => (settled = true))
  world.says({ type: 'preloaded', result })
  await world.clock.pass(1000)
  assert.equal(settled, false)
  world.ends(succeeded)
  assert.deepEqual(await world.run.result, result)
  assert.equal(world.kills, 0)
})

test('a module without preload() has the result null', async () => {
  const world = new World()
  world.says({ type: 'preloaded', result: null })
  world.ends(succeeded)
  assert.equal(await world.run.result, null)
})

test('an error of preload() is passed on with its stack', async () => {
  const world = new World()
  const error = { message: 'preload() of /srv/app.ts failed: no table', stack: 'at app.ts:5' }
  world.says({ type: 'boot_failed', failure: 'boot', error })
  world.ends({ code: 3, signal: null })
  await assert.rejects(
    world.run.result,
    (thrown) => thrown instanceof PreloadFailure && thrown.report === error,
  )
})

for (const [name, end, message] of [
  ['exits', { code: 9, signal: null }, /failed: its process exited with code 9$/],
  [
    'is killed',
    { code: null, signal: 'SIGKILL' },
    /failed: its process was ended by SIGKILL; perhaps for lack of memory$/,
  ],
  [
    'prints an error',
    { code: 1, signal: null, lastLines: ['Error: no space'] },
    /exited with code 1 \(Error: no space\)/,
  ],
  [
    'cannot be started',
    { code: null, signal: null, error: new Error('no such file') },
    /could not be started: no such file/,
  ],
] as const)
  test(`a process that ${name} without a result is a failure that says so`, async () => {
    const world = new World()
    world.ends(end)
    await assert.rejects(world.run.result, failsWith(message))
  })

test('after boot_timeout and the time for the report of its watchdog it is killed', async () => {
  const world = new World()
  await world.clock.pass(31_999)
  assert.equal(world.kills, 0)
  await world.clock.pass(1)
  assert.equal(world.kills, 1)
  world.ends({ code: null, signal: 'SIGKILL' })
  await assert.rejects(
    world.run.result,
    failsWith(/^preload\(\) of \/srv\/app\.ts was not done within boot_timeout, 30 s$/),
  )
})

test('with boot_timeout 0 there is no limit', async () => {
  const world = new World(0)
  await world.clock.pass(3_600_000)
  assert.equal(world.kills, 0)
})

test('a process without its channel is killed: it can report nothing any more', async () => {
  const world = new World()
  world.closesChannel()
  assert.equal(world.kills, 1)
  world.ends({ code: null, signal: 'SIGKILL' })
  await assert.rejects(world.run.result, failsWith(/closed the channel/))
})

test('the first reason counts: a result that arrives after the limit is none', async () => {
  const world = new World()
  await world.clock.pass(32_000)
  world.says({ type: 'preloaded', result })
  world.ends(succeeded)
  await assert.rejects(world.run.result, failsWith(/boot_timeout/))
})

test('a stop ends the process, and is no failure', async () => {
  const world = new World()
  world.run.stop()
  assert.equal(world.kills, 1)
  world.ends({ code: null, signal: 'SIGKILL' })
  await assert.rejects(world.run.result, PreloadStopped)
})
