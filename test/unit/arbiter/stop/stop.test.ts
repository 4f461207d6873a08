// A stop, from the order until every worker has it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServerWorld, two } from '../world/server-world.ts'

test('a graceful stop runs on_stopping, retires the workers, closes the sockets and exits with 0', async () => {
  const calls: string[] = []
  const hook = (): void => void calls.push('on_stopping')
  const world = await ServerWorld.serving({
    settings: { workers: 2, graceful_timeout: 7 },
    hooks: { on_stopping: [{ file: 'a', hook }] },
  })
  await world.signal('SIGTERM')
  assert.deepEqual(world.of('stopping'), [{ type: 'stopping', mode: 'graceful', delay: 0 }])
  assert.deepEqual(calls, ['on_stopping'])
  assert.deepEqual(
    world.system.living.map(({ sent }) => sent[0]),
    [0, 1].map(() => ({ type: 'retire', within: 7000, last: true, reason: 'stop', hurry: false })),
  )
  assert.deepEqual(world.sockets, ['close all'])
  assert.equal(world.exitCode, undefined)
  await world.endOrdered()
  assert.equal(world.exitCode, 0)
  await world.signal('SIGTERM')
  assert.equal(world.of('stopping').length, 1)
})

test('a quick stop ends workers at once, and overtakes a graceful one', async () => {
  const world = await ServerWorld.serving({ settings: two })
  await world.signal('SIGTERM')
  await world.signal('SIGINT')
  assert.deepEqual(world.slot(0).orders, ['retire', 'quit'])
  assert.deepEqual(
    world.of('stopping').map(({ mode }) => mode),
    ['graceful', 'quick'],
  )
  await world.signal('SIGQUIT')
  assert.deepEqual(world.slot(0).orders, ['retire', 'quit'], 'once')
})

test('during drain_delay the workers serve on as not ready, and get the order when it is over', async () => {
  const world = await ServerWorld.serving({ settings: { workers: 1, drain_delay: 3 } })
  await world.signal('SIGTERM')
  assert.equal(world.of('stopping')[0]?.delay, 3000)
  assert.deepEqual(world.slot(0).orders, ['unready'])
  await world.pass(2750)
  assert.deepEqual(world.slot(0).orders, ['unready'])
  await world.pass(250)
  assert.deepEqual(world.slot(0).orders, ['unready', 'retire'])
})

test('a worker that dies while the server stops is not replaced', async () => {
  const world = await ServerWorld.serving({ settings: { workers: 2, drain_delay: 5 } })
  await world.signal('SIGTERM')
  await world.dies(world.slot(0), { code: 1 })
  await world.pass(1000)
  assert.equal(world.system.living.length, 1)
  assert.equal(world.of('worker_ended')[0]?.retryIn, 0)
})

test('a worker whose pre_fork is not done is cancelled', async () => {
  let release: () => void = () => undefined
  const blocked = new Promise<void>((resolve) => (release = resolve))
  const world = new ServerWorld({ hooks: { pre_fork: [{ file: 'a', hook: () => blocked }] } })
  await world.settle()
  assert.equal(world.system.processes.length, 0)
  world.queue.put({ type: 'signal', signal: 'SIGINT' })
  release()
  await world.settle()
  assert.equal(world.exitCode, 0)
  assert.equal(world.system.processes.length, 0)
  assert.equal(world.of('worker_ended')[0]?.verdict.how, 'was cancelled before its process was started')
})

test('a worker that ignores the order is killed at its deadline', async () => {
  const world = await ServerWorld.serving({ settings: { workers: 1, graceful_timeout: 1 } })
  await world.signal('SIGTERM')
  await world.pass(2750, { beats: false })
  assert.equal(world.slot(0).isKilled, false, 'two seconds beyond graceful_timeout')
  await world.pass(250, { beats: false })
  assert.equal(world.slot(0).isKilled, true)
  assert.equal(world.of('worker_killed').length, 1)
  await world.endOrdered()
  assert.equal(world.exitCode, 0)
})

test('while another arbiter has the same sockets no worker is the last one', async () => {
  const world = await ServerWorld.serving()
  world.areShared = true
  await world.signal('SIGTERM')
  const [order] = world.slot(0).sent
  assert.equal(order?.type === 'retire' && order.last, false)
})
