// The loop over the real pools, reload and stop, with workers that are no processes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { load, ServerWorld, two } from '../world/server-world.ts'
import { generationOf } from '../world/generations.ts'

test('a start boots every worker at once, and serves when all are ready', async () => {
  const world = new ServerWorld({ settings: two })
  await world.settle()
  assert.deepEqual(
    world.system.living.map(({ nr, age }) => [nr, age]),
    [
      [0, 1],
      [1, 2],
    ],
  )
  await world.boot([world.slot(1)])
  assert.equal(world.isReady, false)
  await world.boot()
  assert.equal(world.isReady, true)
  assert.deepEqual(world.of('workers_ready'), [{ type: 'workers_ready', count: 2 }])
  await world.pass(2000)
  assert.equal(world.of('workers_ready').length, 1)
})

test('a worker that dies is replaced in its slot, and the verdict is in the event', async () => {
  const world = await ServerWorld.serving({ settings: two })
  await world.pass(2000)
  await world.dies(world.slot(1), { signal: 'SIGSEGV' })
  const [event] = world.of('worker_ended')
  assert.deepEqual([event?.verdict.endedBy, event?.verdict.reason, event?.retryIn], ['itself', 'signal', 0])
  assert.equal(event?.lived, 2000)
  assert.deepEqual([world.slot(1).age, world.slot(1).nr], [3, 1])
  assert.equal(world.exitCode, undefined)
})

test('an arbiter that was stopped says so when it was long, and blames no worker', async () => {
  const world = await ServerWorld.serving({ settings: { timeout: 5 } })
  world.system.clock.jump(60_000)
  await world.pass(1)
  assert.deepEqual(
    world.of('master_blocked').map(({ by }) => by >= 59_000),
    [true],
  )
  assert.equal(world.of('worker_aborted').length, 0)
  await world.pass(6000, { beats: false })
  assert.equal(world.of('worker_aborted').length, 1)
})

test('a short lateness is forgiven without a word', async () => {
  const world = await ServerWorld.serving({ settings: { timeout: 1 } })
  world.system.clock.jump(1800)
  await world.pass(1)
  assert.deepEqual([world.of('master_blocked').length, world.of('worker_aborted').length], [0, 0])
})

test('messages of a worker become events, counts and orders', async () => {
  const lost: [string, number][] = []
  const seen: unknown[] = []
  const base = new ServerWorld().arbiter.snapshot().logs
  const world = await ServerWorld.serving({
    settings: { reload: true },
    options: {
      logs: {
        tick: () => undefined,
        takeDropped: () => [],
        countLost: (log, lines) => void lost.push([log, lines]),
        reopen: () => Promise.resolve(),
        rotate: () => Promise.resolve(),
        ownViews: () => ({}),
        views: () => base,
      },
      files: { saw: (files) => void seen.push(files), loadFailed: () => undefined },
    },
  })
  const worker = world.slot(0)
  await world.says(worker, { type: 'cut', requests: ['GET /'] })
  await world.says(worker, { type: 'dropped', log: 'access', lines: 4 })
  await world.says(worker, { type: 'loaded_files', files: [{ path: '/srv/a.ts', mtime: 1 }] })
  assert.deepEqual(world.of('worker_cut')[0]?.requests, ['GET /'])
  assert.deepEqual(lost, [['access', 4]])
  assert.deepEqual(seen, [[{ path: '/srv/a.ts', mtime: 1 }]])
  worker.handlers.onGarbage(7)
  worker.handlers.onUnknownMessage()
  assert.equal(world.of('log_garbage')[0]?.bytes, 7)
  assert.equal(world.of('unknown_message').length, 1)
})

test('a message of a worker that is not known any more has no effect', async () => {
  const world = await ServerWorld.serving()
  const worker = world.slot(0)
  await world.dies(worker, { code: 1 })
  const before = world.events.length
  await world.says(worker, { type: 'cut', requests: [] })
  worker.handlers.onEnd({ code: 1, signal: null })
  await world.settle()
  assert.equal(world.events.length, before)
})

test('TTIN and TTOU change the number of workers and run nworkers_changed', async () => {
  const calls: unknown[] = []
  const hook = (_: unknown, ...numbers: readonly unknown[]): void => void calls.push(numbers)
  const world = await ServerWorld.serving({
    settings: two,
    hooks: { nworkers_changed: [{ file: 'hooks.js', hook }] },
  })
  await world.signal('SIGTTIN')
  assert.deepEqual(calls, [[3, 2]])
  assert.equal(world.system.living.length, 3)
  await world.boot()
  await world.signal('SIGTTOU')
  assert.deepEqual(calls.at(-1), [2, 3])
  assert.deepEqual(world.slot(2).orders, ['boot', 'retire'].slice(1))
  assert.deepEqual(
    world.of('scaled').map(({ from, to }) => [from, to]),
    [
      [2, 3],
      [3, 2],
    ],
  )
})

test('an order that changes nothing reports nothing', async () => {
  const world = await ServerWorld.serving({ settings: two })
  assert.deepEqual(await world.order({ type: 'scale', to: 2 }), { taken: true })
  assert.equal(world.of('scaled').length, 0)
})

test('signals are reported, or ignored with the reason', async () => {
  const world = await ServerWorld.serving()
  await world.signal('SIGUSR1')
  assert.deepEqual(world.of('signal'), [{ type: 'signal', signal: 'SIGUSR1' }])
  await world.signal('SIGTTOU')
  await world.signal('SIGWINCH')
  await world.signal('SIGCHLD')
  assert.deepEqual(
    world.of('signal_ignored').map(({ signal, why }) => [signal, why]),
    [
      ['SIGTTOU', 'at least one worker stays'],
      ['SIGWINCH', 'the server is not a daemon'],
    ],
  )
})

test('an upgrade is refused before the start is done and during a reload, and begins otherwise', async () => {
  const begun: number[] = []
  const upgrade = {
    refusal: undefined,
    isSecond: false,
    begin: ({ number }: { readonly number: number }) => void begun.push(number),
    apply: () => undefined,
  }
  const world = new ServerWorld({ options: { upgrade } })
  await world.settle()
  const early = await world.order({ type: 'upgrade' })
  assert.deepEqual(early, { taken: false, why: 'the workers of the start are not ready yet' })
  await world.boot()
  await world.reload(generationOf(2))
  const during = await world.order({ type: 'upgrade' })
  assert.deepEqual(during, { taken: false, why: 'a reload is in progress; try again when it is done' })
  await world.pass(1500)
  await world.finishReload()
  assert.deepEqual(await world.order({ type: 'upgrade' }), { taken: true })
  assert.deepEqual(begun, [2])
})

test('the code in use is renewed once an hour, and a failure is a warning', async () => {
  const world = await ServerWorld.serving()
  await world.pass(1000)
  assert.equal(world.renewals, 0)
  world.system.clock.jump(3_600_000)
  await world.pass(1)
  assert.equal(world.renewals, 1)
  await world.pass(2000)
  assert.equal(world.renewals, 1)
})

test('a worker that reports that its app has closed the channel is replaced, however soon it exits', async () => {
  const world = await ServerWorld.serving()
  const worker = world.slot(0)
  await world.says(worker, { type: 'disconnected' })
  assert.notEqual(world.slot(0).age, worker.age)
  await world.dies(worker, { code: 69 })
  assert.equal(world.of('worker_ended')[0]?.verdict.reason, 'disconnected')
})

test('a worker that closed its channel is replaced while it drains', async () => {
  const world = await ServerWorld.serving()
  const worker = world.slot(0)
  worker.handlers.onChannelClosed()
  await world.settle()
  assert.equal(world.of('worker_disconnected').length, 1)
  assert.notEqual(world.slot(0).age, worker.age)
  await world.says(worker, { type: 'beat', ...load, requests: 3 })
  await world.dies(worker, { code: 69 })
  assert.equal(world.of('worker_ended')[0]?.verdict.reason, 'disconnected')
})
