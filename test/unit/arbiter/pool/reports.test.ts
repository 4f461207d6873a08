// What a worker, or its watchdog, reports about itself.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StuckReport } from '../../../../src/config/hooks/views.ts'
import { load, ServerWorld } from '../world/server-world.ts'

const report: StuckReport = {
  where: 'javascript',
  silent: 5000,
  step: null,
  stack: ['at f'],
  requests: [],
  more: 0,
  heapUsed: 1,
  heapLimit: 2,
  rss: 3,
}

test('a worker boots with its hello, serves with its ready, and both count once', async () => {
  const world = new ServerWorld()
  await world.settle()
  const worker = world.slot(0)
  const state = (): string | undefined => world.arbiter.view.workers[0]?.state
  assert.equal(state(), 'spawned')
  await world.pass(250, { beats: false })
  await world.says(worker, { type: 'hello' })
  assert.equal(state(), 'booting')
  await world.says(worker, { type: 'ready' })
  await world.says(worker, { type: 'ready' })
  assert.deepEqual(
    world.of('worker_ready').map(({ took, worker: record }) => [took, record.accepting]),
    [[250, true]],
  )
})

test('a hello keeps the deadline of the boot', async () => {
  const world = new ServerWorld({ settings: { boot_timeout: 1 } })
  await world.settle()
  await world.says(world.slot(0), { type: 'hello' })
  await world.pass(1000, { beats: false })
  assert.equal(world.slot(0).isKilled, true)
  assert.equal(world.of('worker_killed')[0]?.worker.reason, 'boot_timeout')
})

test('with boot_timeout 0 a boot may take as long as it likes', async () => {
  const world = new ServerWorld({ settings: { boot_timeout: 0 } })
  await world.settle()
  assert.equal(world.slot(0).start.boot.bootWithin, null)
  await world.pass(120_000, { beats: false })
  assert.equal(world.slot(0).isKilled, false)
})

test('a beat carries the load, and a limit that it passes gets the worker replaced', async () => {
  const world = await ServerWorld.serving({ settings: { workers: 1, max_requests: 100 } })
  const old = world.slot(0)
  await world.says(old, { type: 'beat', ...load, requests: 99, busy: 2 })
  assert.deepEqual([world.arbiter.view.workers[0]?.requests, world.arbiter.view.workers[0]?.busy], [99, 2])
  assert.equal(world.system.living.length, 1)
  await world.says(old, { type: 'beat', ...load, requests: 100 })
  assert.equal(world.system.living.length, 2)
  assert.deepEqual(old.orders, [], 'the new one is ready first')
  await world.boot()
  assert.equal(world.of('worker_retired')[0]?.worker.reason, 'max_requests')
})

test('a worker that starts above max_memory keeps serving, and says so once', async () => {
  const world = await ServerWorld.serving({ settings: { workers: 1, max_memory: '16M' } })
  await world.says(world.slot(0), { type: 'beat', ...load, rss: 2 ** 24 })
  assert.deepEqual(
    world.of('worker_too_large').map(({ rss }) => rss),
    [2 ** 24],
  )
  await world.says(world.slot(0), { type: 'beat', ...load, rss: 2 ** 25 })
  assert.equal(world.of('worker_too_large').length, 1)
  assert.equal(world.system.living.length, 1)
})

test('a stuck worker is aborted by the report of its watchdog, and killed when that is done', async () => {
  const world = await ServerWorld.serving({ settings: { watchdog: true } })
  const stuck = world.slot(0)
  await world.pass(1000)
  await world.says(stuck, { type: 'stuck', report })
  assert.deepEqual(
    world.types.filter((type) => /^worker_(?:started|aborted|stuck)$/.test(type)),
    ['worker_started', 'worker_aborted', 'worker_stuck', 'worker_started'],
  )
  assert.equal(world.of('worker_stuck')[0]?.worker.report, report)
  await world.says(stuck, { type: 'spent' })
  assert.equal(stuck.isKilled, true)
  await world.dies(stuck, { signal: 'SIGKILL' })
  assert.deepEqual(world.of('worker_ended')[0]?.verdict.reason, 'timeout')
})

test('a stuck boot is reported with its step, and the server fails with it', async () => {
  const world = new ServerWorld({ settings: { watchdog: true } })
  await world.settle()
  const step = 'it is still loading ./app.js'
  await world.says(world.slot(0), { type: 'hello' })
  const stuck = world.slot(0)
  await world.says(stuck, { type: 'stuck', report: { ...report, step } })
  assert.equal(world.of('worker_aborted').length, 0, 'it did not serve')
  await world.says(stuck, { type: 'spent' })
  await world.dies(stuck, { signal: 'SIGKILL' })
  assert.equal(world.of('start_failed')[0]?.reason, `a worker was not ready within boot_timeout: ${step}`)
})

test('a worker with a debugger is neither stuck nor late, until the debugger leaves', async () => {
  const world = await ServerWorld.serving({ settings: { timeout: 2 } })
  const worker = world.slot(0)
  await world.says(worker, { type: 'debugged', on: true })
  assert.equal(world.of('worker_debugged').length, 1)
  await world.pass(10_000, { beats: false })
  assert.equal(world.of('worker_aborted').length, 0)
  await world.says(worker, { type: 'debugged', on: false })
  assert.equal(world.of('worker_debugged').length, 1)
  await world.pass(1750, { beats: false })
  assert.equal(world.of('worker_aborted').length, 0, 'silence counts from now')
  await world.pass(250, { beats: false })
  assert.equal(world.of('worker_aborted').length, 1)
})

test('a debugger takes the limit of a boot away, and of no other state', async () => {
  const world = new ServerWorld({ settings: { boot_timeout: 1, graceful_timeout: 1 } })
  await world.settle()
  await world.says(world.slot(0), { type: 'debugged', on: true })
  await world.pass(5000, { beats: false })
  assert.equal(world.slot(0).isKilled, false)
  await world.boot()
  const draining = world.slot(0)
  await world.signal('SIGTERM')
  await world.says(draining, { type: 'debugged', on: true })
  await world.pass(3000, { beats: false })
  assert.equal(draining.isKilled, true)
})

test('a worker that has shut its gate no longer accepts', async () => {
  const world = await ServerWorld.serving({ settings: { workers: 2 } })
  await world.says(world.slot(1), { type: 'shut' })
  const [app] = world.arbiter.snapshot().pools
  assert.deepEqual(
    app.workers.map(({ accepting }) => accepting),
    [true, false],
  )
})

test('a worker whose app wants to end is replaced, the new one first', async () => {
  const world = await ServerWorld.serving({ settings: { workers: 1 } })
  const old = world.slot(0)
  await world.says(old, { type: 'leave', signal: 'SIGTERM' })
  assert.equal(world.system.living.length, 2)
  assert.deepEqual(old.orders, [])
  await world.boot()
  assert.equal(world.of('worker_retired')[0]?.worker.reason, 'self')
})

test('a signal of one worker is reported, one that the arbiter has got as well is not', async () => {
  const world = await ServerWorld.serving({ settings: { workers: 1 } })
  await world.says(world.slot(0), { type: 'signal', signal: 'SIGHUP' })
  assert.deepEqual(
    world.of('worker_signal').map(({ signal }) => signal),
    ['SIGHUP'],
  )
})
