// Task pools beside the workers of the app: their start, a reload with queues of its own for each generation,
// a stop that ends them last.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generationOf } from '../world/generations.ts'
import { ServerWorld } from '../world/server-world.ts'

const ocr = { tasks: { ocr: 2 } }

test('workers and tasks start side by side, and the server is ready when all are', async () => {
  const world = new ServerWorld(ocr)
  await world.settle()
  assert.deepEqual([world.workers, world.tasks], [['1 0'], ['1 ocr 0', '1 ocr 1']])
  const [first, second] = world.taskProcesses
  assert.ok(first && second)
  await world.boot([world.slot(0), first])
  assert.equal(world.isReady, false)
  await world.boot([second])
  assert.ok(world.isReady)
})

test('each process gets its queues, what it may call, and its share of the CPUs', async () => {
  const world = await ServerWorld.serving({ tasks: { ocr: 1 } })
  const [process] = world.taskProcesses
  const worker = world.slot(0)
  const queues = ['unix:/run/1/ocr.high', 'unix:/run/1/ocr.normal']
  assert.deepEqual(
    process?.start.listeners.map(({ url }) => url),
    queues,
  )
  assert.deepEqual(process.start.boot.task, {
    name: 'ocr',
    file: '/srv/ocr.task.js',
    timeout: 60_000,
    maxQueue: 64,
  })
  assert.deepEqual(
    worker.start.boot.tasks.map(({ name, timeout, maxQueue }) => [name, timeout, maxQueue]),
    [['ocr', 60_000, 64]],
  )
  assert.deepEqual(worker.start.listeners, [])
  assert.deepEqual([process.start.boot.cpus, worker.start.boot.cpus], [2, 1])
  const { TSGUN_TASK, TSGUN_CPUS } = process.start.environment
  assert.deepEqual([TSGUN_TASK, TSGUN_CPUS], ['ocr', '2'])
})

test('a task process that cannot boot ends the start', async () => {
  const world = new ServerWorld(ocr)
  await world.settle()
  const [first] = world.taskProcesses
  assert.ok(first)
  first.says({ type: 'hello' })
  const error = { message: 'no model', stack: '' }
  await world.says(first, { type: 'boot_failed', failure: 'boot', error })
  assert.deepEqual(
    world.of('start_failed').map(({ reason, code }) => [reason, code]),
    [['no model', 3]],
  )
})

test('a task process that dies is replaced, and no worker of the app is touched', async () => {
  const world = await ServerWorld.serving(ocr)
  const [first] = world.taskProcesses
  assert.ok(first)
  await world.pass(5000)
  await world.dies(first, { signal: 'SIGKILL' })
  assert.deepEqual(world.tasks, ['1 ocr 1', '1 ocr 0'])
  assert.deepEqual(world.workers, ['1 0'])
})

test('a reload starts its tasks first, and its app when each task can run', async () => {
  const world = await ServerWorld.serving(ocr)
  await world.reload(generationOf(2, ocr))
  assert.deepEqual(world.workers, ['1 0'])
  assert.deepEqual(world.tasks, ['1 ocr 0', '1 ocr 1', '2 ocr 0', '2 ocr 1'])
  const fresh = world.taskProcesses.filter(({ generation }) => generation === 2)
  await world.boot(fresh.slice(0, 1))
  assert.deepEqual(world.workers, ['1 0', '2 0'])
})

test('old tasks stay until the last worker that may call them has exited', async () => {
  const world = await ServerWorld.serving(ocr)
  const old = world.slot(0)
  await world.reload(generationOf(2, ocr))
  await world.boot()
  await world.boot()
  assert.deepEqual(old.orders, ['retire'])
  await world.says(old, { type: 'shut' })
  assert.equal(world.of('reloaded').length, 1, 'the old worker drains')
  const [first] = world.taskProcesses
  assert.ok(first)
  await world.dies(first, { signal: 'SIGKILL' })
  assert.deepEqual(
    world.tasks.filter((name) => name.startsWith('1')).toSorted(),
    ['1 ocr 0', '1 ocr 1'],
    'the old pool still replaces its processes',
  )
  await world.boot()
  await world.dies(old, { code: 0 })
  const retired = world.taskProcesses.filter(({ generation }) => generation === 1)
  assert.deepEqual(
    retired.map(({ orders }) => orders),
    [['retire'], ['retire']],
  )
  assert.deepEqual(world.discarded, [])
  await world.endOrdered()
  assert.deepEqual(world.tasks, ['2 ocr 0', '2 ocr 1'])
  assert.deepEqual(world.discarded, [1])
  assert.deepEqual(
    world.arbiter.snapshot().pools.map(({ name }) => name),
    ['app', 'ocr'],
  )
})

test('a reload whose task cannot boot fails: the old app and the old tasks go on', async () => {
  const world = await ServerWorld.serving(ocr)
  await world.reload(generationOf(2, ocr))
  const broken = world.taskProcesses.find(({ generation }) => generation === 2)
  assert.ok(broken)
  broken.says({ type: 'hello' })
  const error = { message: 'no model', stack: '' }
  await world.says(broken, { type: 'boot_failed', failure: 'boot', error })
  assert.deepEqual(
    world.of('reload_failed').map(({ reason }) => reason),
    ['no model'],
  )
  await world.dies(broken, { code: 3 })
  await world.endOrdered()
  assert.deepEqual([world.workers, world.tasks], [['1 0'], ['1 ocr 0', '1 ocr 1']])
  assert.deepEqual(world.discarded, [2])
})

test('tasks that a reload adds or removes', async () => {
  const world = await ServerWorld.serving(ocr)
  await world.reload(generationOf(2, { tasks: { embed: 1 } }))
  await world.finishReload()
  assert.deepEqual([world.workers, world.tasks], [['2 0'], ['2 embed 0']])
  await world.reload(generationOf(3))
  await world.finishReload()
  assert.deepEqual([world.workers, world.tasks], [['3 0'], []])
})

test('a graceful stop ends the tasks after the last worker', async () => {
  const world = await ServerWorld.serving(ocr)
  await world.signal('SIGTERM')
  const [first] = world.taskProcesses
  assert.ok(first)
  assert.deepEqual([world.slot(0).orders, first.orders], [['retire'], []])
  await world.dies(first, { signal: 'SIGKILL' })
  assert.equal(world.tasks.length, 2, 'the draining worker may still call tasks')
  await world.dies(world.slot(0), { code: 0 })
  assert.ok(world.taskProcesses.every(({ orders }) => orders.length > 0))
  await world.endOrdered()
  assert.equal(world.exitCode, 0)
})

test('a quick stop ends all at once', async () => {
  const world = await ServerWorld.serving(ocr)
  await world.signal('SIGINT')
  assert.ok(world.system.living.every(({ orders }) => orders.includes('quit')))
  await world.endOrdered()
  assert.equal(world.exitCode, 0)
})

test('a task process may be silent for its timeout, and is aborted some seconds later', async () => {
  const world = await ServerWorld.serving(ocr)
  const [first] = world.taskProcesses
  assert.ok(first)
  await world.pass(64_000, { beats: false })
  assert.deepEqual(first.orders, [])
  await world.pass(1500, { beats: false })
  assert.deepEqual(first.orders, ['abort'])
})
