// The start of a worker: its slot, its number, its limit, and what it is started with.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServerWorld, two } from '../world/server-world.ts'
import { generationOf, socketOf } from '../world/generations.ts'

test('a worker is started with the settings, the sockets and the code of its generation', async () => {
  const listeners = [socketOf('unix:/a')]
  const world = new ServerWorld({ settings: { workers: 1, watchdog: true, boot_timeout: 10 }, listeners })
  await world.settle()
  const { boot, directory, listeners: given } = world.slot(0).start
  assert.deepEqual([directory, given], ['/srv', [{ fd: 0, url: 'unix:/a', isShared: true }]])
  const { settings, durations, ...rest } = boot
  assert.deepEqual([settings.workers, durations.boot_timeout], [1, 10_000])
  assert.deepEqual(rest, {
    nr: 0,
    age: 1,
    generation: 1,
    version: '1.2.3',
    identity: { uid: undefined, gid: undefined, initgroups: undefined, account: undefined },
    hookFiles: [],
    preloads: [],
    classFile: null,
    appFile: '/srv/app.js',
    appPath: '/srv/app.js',
    trial: 0,
    configFile: null,
    codeStore: 'store-1',
    color: { error: false, app: true },
    bootWithin: 10_000,
    checkOnly: false,
    tasks: [],
    task: undefined,
    cpus: 2,
    broken: undefined,
    service: undefined,
    bus: undefined,
    shared: undefined,
    tls: undefined,
    workers: 1,
    threads: 0,
  })
})

test('the time of pre_fork counts against the boot', async () => {
  let release: () => void = () => undefined
  const slow = new Promise<void>((resolve) => (release = resolve))
  const world = new ServerWorld({
    settings: { boot_timeout: 10 },
    hooks: { pre_fork: [{ file: 'a', hook: () => slow }] },
  })
  await world.pass(4000, { beats: false })
  release()
  await world.settle()
  assert.equal(world.slot(0).start.boot.bootWithin, 6000)
})

test('a worker whose pre_fork outlasts boot_timeout is ended without a process', async () => {
  let release: () => void = () => undefined
  const slow = new Promise<void>((resolve) => (release = resolve))
  const world = new ServerWorld({
    settings: { boot_timeout: 1 },
    hooks: { pre_fork: [{ file: 'a', hook: () => slow }] },
  })
  await world.pass(1000, { beats: false })
  assert.equal(world.of('worker_killed').length, 1)
  assert.equal(world.of('start_failed')[0]?.reason, 'a worker was not ready within boot_timeout')
  release()
  await world.settle()
  assert.equal(world.system.processes.length, 0)
})

test('pre_fork gets the worker without a process, and the ages of all workers are one sequence', async () => {
  const seen: unknown[] = []
  const hook = (_: unknown, worker: unknown): void => {
    if (typeof worker === 'object' && worker !== null && 'pid' in worker && 'age' in worker)
      seen.push([worker.pid, worker.age])
  }
  const world = await ServerWorld.serving({ settings: two, hooks: { pre_fork: [{ file: 'a', hook }] } })
  await world.reload(generationOf(2, { settings: two, hooks: { pre_fork: [{ file: 'a', hook }] } }))
  assert.deepEqual(seen, [
    [null, 1],
    [null, 2],
    [null, 3],
  ])
  assert.equal(world.of('worker_started').length, 3)
  assert.equal(world.of('worker_started')[2]?.worker.pid, 1003)
})

test('a process that cannot be started is reported by its end only', async () => {
  const world = await ServerWorld.serving()
  await world.pass(2000)
  world.system.startError = new Error('spawn EAGAIN')
  await world.dies(world.slot(0), { code: 1 })
  assert.equal(world.of('worker_started').length, 1)
  assert.equal(world.of('worker_ended').at(-1)?.verdict.how, 'could not be started: spawn EAGAIN')
})

test('the arbiter knows when the pipes of all workers are at their end', async () => {
  const world = await ServerWorld.serving({ settings: two })
  let ended = false
  const done = world.arbiter.outputEnded().then(() => (ended = true))
  await world.settle()
  assert.equal(ended, false)
  await world.signal('SIGINT')
  await world.endOrdered()
  await done
  assert.equal(ended, true)
  await world.arbiter.outputEnded()
})
