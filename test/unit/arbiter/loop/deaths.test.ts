// What the death of a worker, and a boot that fails, mean for the start and for a reload.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServerWorld, two } from '../world/server-world.ts'
import { generationOf } from '../world/generations.ts'

const error = { message: 'no database', stack: 'Error: no database' }

test(
  'a worker of the start that reports why it cannot boot ends the server with code 3, an app that is ' +
    'none with 4',
  async () => {
    for (const [failure, code] of [
      ['boot', 3],
      ['app', 4],
    ] as const) {
      const world = new ServerWorld({ settings: two })
      await world.settle()
      await world.says(world.slot(0), { type: 'boot_failed', failure, error })
      assert.deepEqual(world.of('start_failed'), [{ type: 'start_failed', reason: 'no database', code }])
      assert.deepEqual(world.slot(1).orders, ['quit'])
      await world.says(world.slot(1), { type: 'boot_failed', failure, error })
      assert.equal(world.of('worker_failed').length, 1, 'the reason is reported once')
      await world.dies(world.slot(0), { code })
      await world.dies(world.slot(1), { code: 0 })
      assert.equal(world.exitCode, code)
      assert.equal(world.of('worker_ended').length, 0, 'a planned end after the failure is not reported')
    }
  },
)

test('a worker of the start that dies silently ends the server with code 3', async () => {
  const world = new ServerWorld()
  await world.settle()
  await world.dies(world.slot(0), { code: 7 })
  const [failed] = world.of('start_failed')
  assert.deepEqual(
    [failed?.code, failed?.reason],
    [3, 'a worker did not become ready: it exited with code 7'],
  )
  assert.equal(world.of('worker_ended')[0]?.retryIn, 0)
  assert.equal(world.exitCode, 3)
})

test('a worker of the start that a signal of a person ends is started again', async () => {
  const world = new ServerWorld()
  await world.settle()
  await world.dies(world.slot(0), { signal: 'SIGINT' })
  assert.equal(world.of('start_failed').length, 0)
  await world.pass(300)
  assert.equal(world.slot(0).age, 2)
})

test('once the server serves, a worker that does not boot is tried again with a delay', async () => {
  const world = await ServerWorld.serving({ settings: two })
  await world.pass(2000)
  await world.dies(world.slot(0), { code: 1 })
  await world.dies(world.slot(0), { code: 1 })
  assert.equal(world.of('worker_ended').at(-1)?.retryIn, 250)
  assert.equal(world.exitCode, undefined)
  await world.pass(250)
  await world.dies(world.slot(0), { code: 1 })
  await world.pass(250)
  await world.dies(world.slot(0), { code: 1 })
  const loop = world.of('worker_ended').at(-1)?.loop
  assert.deepEqual([loop?.failures, loop?.isNew], [3, true])
  assert.equal(world.arbiter.view.slots[0]?.state, 'crash-loop')
  await world.pass(500)
  assert.equal(world.of('worker_started').at(-1)?.quiet, true)
  await world.boot()
  await world.pass(1000)
  assert.equal(world.of('slot_recovered')[0]?.failures, 3)
  assert.equal(world.arbiter.view.slots[0]?.state, 'ready')
})

test('in a crash loop the error that a worker reports is quiet', async () => {
  const world = await ServerWorld.serving()
  await world.pass(2000)
  for (let round = 0; round < 4; round += 1) {
    await world.dies(world.slot(0), { code: 1 })
    await world.pass(2100)
  }
  await world.says(world.slot(0), { type: 'boot_failed', failure: 'boot', error })
  assert.deepEqual(
    world.of('worker_failed').map(({ quiet }) => quiet),
    [true],
  )
  assert.equal(world.of('start_failed').length, 0)
  await world.dies(world.slot(0), { code: 3 })
  assert.equal(world.arbiter.view.slots[0]?.last_error, 'no database')
})

test('child_exit gets the exit of a worker that had a process, and no other', async () => {
  const exits: unknown[] = []
  const hook = (_: unknown, worker: unknown): void => {
    if (typeof worker === 'object' && worker !== null && 'exit' in worker) exits.push(worker.exit)
  }
  const world = await ServerWorld.serving({ hooks: { child_exit: [{ file: 'hooks.js', hook }] } })
  await world.pass(1500)
  world.system.startError = Object.assign(new Error('spawn EAGAIN'), { code: 'EAGAIN' })
  await world.dies(world.slot(0), { code: 9, lastLines: ['bye'] })
  assert.deepEqual(exits, [{ reason: 'exit', code: 9, signal: null, ended_by: 'itself', stderr: ['bye'] }])
  const [, unstarted] = world.of('worker_ended')
  assert.deepEqual([unstarted?.verdict.neverStarted, unstarted?.worker.pid], [true, null])
})

test('a new worker of a reload that does not boot fails the reload with its own words', async () => {
  const world = await ServerWorld.serving({ settings: two })
  await world.reload(generationOf(2, { settings: two }))
  await world.says(world.slot(0), { type: 'boot_failed', failure: 'boot', error })
  assert.deepEqual(world.of('reload_failed'), [{ type: 'reload_failed', attempt: 1, reason: 'no database' }])
  await world.dies(world.slot(0), { code: 3 })
  assert.equal(world.of('reload_failed').length, 1)
  assert.equal(world.arbiter.view.generation, 1)
})

test('no next attempt is announced for a worker whose death ends the reload', async () => {
  const world = await ServerWorld.serving({ settings: two })
  await world.pass(2000)
  await world.reload(generationOf(2, { settings: two }))
  await world.dies(world.slot(0), { code: 7 })
  assert.equal(world.of('reload_failed').length, 1)
  assert.deepEqual(
    world.of('worker_ended').map(({ worker, retryIn }) => [worker.generation, retryIn]),
    [[2, 0]],
  )
})

test('a kill by the kernel for lack of memory is known by the count of the cgroup', async () => {
  const world = await ServerWorld.serving()
  world.system.oomKills = true
  await world.dies(world.slot(0), { signal: 'SIGTERM' })
  assert.equal(world.of('worker_ended')[0]?.verdict.reason, 'signal')
  await world.dies(world.slot(0), { signal: 'SIGKILL' })
  assert.equal(world.of('worker_ended')[1]?.verdict.reason, 'oom')
})

const crash = { code: 1, lastLines: ['Error: no queue'] }

test('the start fails when a worker of each slot dies in its first second, and not for one of several', async () => {
  const world = await ServerWorld.serving({ settings: two })
  await world.pass(300)
  await world.dies(world.slot(0), crash)
  assert.equal(world.of('start_failed').length, 0)
  await world.boot()
  await world.dies(world.slot(1), crash)
  const [failed] = world.of('start_failed')
  assert.equal(failed?.code, 3)
  assert.match(failed.reason, /^a worker died within 1 s after it was ready: it exited with code 1/)
  await world.endOrdered()
  assert.equal(world.exitCode, 3)
})

test('a later death, one by a person, and one in development do not fail the start', async () => {
  const late = await ServerWorld.serving()
  await late.pass(1500)
  await late.dies(late.slot(0), crash)
  await late.boot()
  await late.dies(late.slot(0), crash)
  const killed = await ServerWorld.serving()
  await killed.dies(killed.slot(0), { signal: 'SIGKILL' })
  const development = await ServerWorld.serving({ settings: { reload: true } })
  await development.dies(development.slot(0), crash)
  for (const world of [late, killed, development]) assert.equal(world.of('start_failed').length, 0)
})
