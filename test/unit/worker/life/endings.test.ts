// The ways in which a worker ends: each once, and a harder one overtakes a softer one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { ArbiterMessage } from '../../../../src/ipc/messages.ts'
import { fakeWorker, later, type FakeOptions, type FakeWorker } from '../fake-worker.ts'

const retire: ArbiterMessage = { type: 'retire', within: 5000, last: [1], reason: 'reload', hurry: true }
const quit: ArbiterMessage = { type: 'quit', reason: 'stop' }

/** A worker that serves, whose events so far are forgotten. */
async function serving(options: FakeOptions = {}): Promise<FakeWorker> {
  const worker = fakeWorker(options)
  await worker.life.start()
  worker.events.length = 0
  worker.sent.length = 0
  return worker
}

test('a retired worker drains, announces that to the app, runs the last hooks and exits with 0', async () => {
  const worker = await serving({
    hooks: {
      worker_exit: (_: unknown, { exit }: { exit: unknown }) => worker.events.push(JSON.stringify(exit)),
    },
  })
  await worker.life.apply(retire)
  assert.deepEqual(worker.events, [
    'drain',
    'drainSignal',
    'program ends',
    'shutdown',
    '{"reason":"reload","code":0}',
    'finish',
    'exit 0',
  ])
  const [drain] = worker.drains
  assert.deepEqual([drain?.within, drain?.last, drain?.hurry], [5000, [1], true])
  drain?.onShut()
  assert.deepEqual(worker.sent, [{ type: 'shut' }])
})

test('a drain is not in a hurry unless it is ordered to, and reports what it has cut off', async () => {
  const worker = await serving({ drained: () => Promise.resolve(['GET /slow']) })
  await worker.life.apply({ type: 'retire', within: 5000, last: true, reason: 'stop' })
  assert.equal(worker.drains[0]?.hurry, false)
  assert.deepEqual(worker.sent, [{ type: 'cut', requests: ['GET /slow'] }])
  assert.deepEqual(worker.exits, [0])
})

test('a second order to retire is ignored', async () => {
  const draining = later<readonly string[]>()
  const worker = await serving({ drained: () => draining.promise })
  const ended = worker.life.apply(retire)
  await worker.life.apply(retire)
  assert.equal(worker.drains.length, 1)
  draining.resolve([])
  await ended
  await worker.life.apply(retire)
  assert.deepEqual([worker.drains.length, worker.exits], [1, [0]])
})

test('quit overtakes a drain: worker_int, then what is open is cut off; the first reason stays', async () => {
  const draining = later<readonly string[]>()
  const worker = await serving({
    drained: ({ within }) => (within === 0 ? Promise.resolve(['GET /']) : draining.promise),
    hooks: { worker_int: ({ exit }: { exit: unknown }) => worker.events.push(JSON.stringify(exit)) },
  })
  const ended = worker.life.apply(retire)
  await worker.life.apply(quit)
  assert.deepEqual(worker.events, [
    'drain',
    'drainSignal',
    '{"reason":"reload","code":0}',
    'drain',
    'program ends',
    'shutdown',
    'finish',
    'exit 0',
  ])
  assert.deepEqual([worker.drains[1]?.within, worker.drains[1]?.last], [0, false])
  draining.resolve([])
  await ended
  assert.deepEqual(worker.exits, [0], 'the drain does not end it again')
})

test('what the boot has made while worker_int runs is cut off too', async () => {
  const [booting, hook] = [later<undefined>(), later<undefined>()]
  const worker = fakeWorker({ boot: () => booting.promise, hooks: { worker_int: () => hook.promise } })
  const started = worker.life.start()
  await turn()
  const ended = worker.life.apply(quit)
  booting.resolve(undefined)
  await started
  hook.resolve(undefined)
  await ended
  assert.deepEqual(worker.events, ['begin', 'boot', 'drain', 'program ends', 'shutdown', 'finish', 'exit 0'])
})

test('abort overtakes a drain too, with code 1, and is the last that counts', async () => {
  const draining = later<readonly string[]>()
  const ran: string[] = []
  const worker = await serving({
    drained: ({ within }) => (within === 0 ? Promise.resolve([]) : draining.promise),
    hooks: { worker_int: () => void ran.push('int'), worker_abort: () => void ran.push('abort') },
  })
  void worker.life.apply(retire)
  const aborted = worker.life.apply({ type: 'abort' })
  await worker.life.apply(quit)
  await worker.life.apply({ type: 'abort' })
  await aborted
  assert.deepEqual([ran, worker.exits], [['abort'], [1]])
  assert.deepEqual(worker.self.exit, { reason: 'reload', code: 1 })
})

test('an abort by the watchdog runs only what needs no event loop, and the arbiter ends the process', async () => {
  const ran: string[] = []
  const worker = await serving({ hooks: { worker_abort: () => void ran.push('abort') } })
  worker.life.calls.abort()
  worker.life.calls.abort()
  assert.deepEqual([ran, worker.events], [['abort'], ['finish']])
  assert.deepEqual(worker.self.exit, { reason: 'timeout', code: 1 })
  await worker.life.apply(quit)
  assert.deepEqual(worker.exits, [])
})

test('a worker whose hooks are not loaded yet ends at once', async () => {
  for (const order of [retire, quit]) {
    const worker = fakeWorker({ begin: () => new Promise(() => undefined) })
    void worker.life.start()
    await worker.life.apply(order)
    assert.deepEqual(worker.exits, [0])
    assert.ok(!worker.events.includes('shutdown'))
  }
})

test('a shutdown() that fails is logged, and worker_exit runs all the same', async () => {
  const worker = await serving({
    shutdown: () => Promise.reject(new Error('of the app')),
    hooks: { worker_exit: () => void worker.events.push('worker_exit') },
  })
  await worker.life.apply(quit)
  assert.deepEqual(worker.events, [
    'drain',
    'program ends',
    'shutdown',
    `log: the app's shutdown() failed`,
    'worker_exit',
    'finish',
    'exit 0',
  ])
})

test('the listeners of the app get what is left of graceful_timeout, and a second in any case', async () => {
  const worker = await serving({
    drained: () => {
      worker.clock.advance(3000)
      return Promise.resolve([])
    },
  })
  await worker.life.apply(retire)
  const late = await serving({
    drained: () => {
      late.clock.advance(5000)
      return Promise.resolve([])
    },
  })
  await late.life.apply(retire)
  assert.deepEqual(
    [worker.orders, late.orders],
    [[{ signal: 'SIGTERM', within: 2000 }], [{ signal: 'SIGTERM', within: 1000 }]],
  )
})

test('a quick stop runs the listeners of SIGINT, within a second', async () => {
  const worker = await serving()
  await worker.life.apply({ type: 'quit', reason: 'quit' })
  assert.deepEqual(worker.orders, [{ signal: 'SIGINT', within: 1000 }])
})

test('listeners that do not end, and an exit code of their own, are logged', async () => {
  const ended = { exitCode: 3, late: { event: 'SIGTERM', left: '2 × Timeout' } }
  const worker = await serving({ ended })
  await worker.life.apply(quit)
  assert.ok(
    worker.events.includes(
      "log: the app's listeners of SIGTERM had 1.0 s and did not end: this worker exits now; still open: 2 × Timeout",
    ),
  )
  assert.ok(worker.events.includes('log: the app called process.exit(3) at the end of this worker'))
  assert.deepEqual(worker.exits, [0])
  const usual = await serving({ ended: { exitCode: 143 } })
  await usual.life.apply(quit)
  assert.ok(!usual.events.some((event) => event.startsWith('log:')))
})

test('a process that exits in the middle of its drain says so, with its requests; at any other time not', async () => {
  const worker = await serving({ drained: () => new Promise(() => undefined) })
  worker.life.processExits()
  assert.deepEqual(worker.sent, [])
  void worker.life.apply(retire)
  worker.life.processExits()
  assert.deepEqual(worker.sent, [{ type: 'left', busy: 4 }])
})

test('an app that sends a signal to its own process is replaced; while it boots it exits', async () => {
  const worker = await serving()
  await worker.life.leave('SIGTERM')
  assert.deepEqual([worker.sent, worker.exits], [[{ type: 'leave', signal: 'SIGTERM' }], []])
  const booting = fakeWorker({ boot: () => new Promise(() => undefined) })
  void booting.life.start()
  await turn()
  await booting.life.leave('SIGINT')
  assert.deepEqual(booting.exits, [130])
})
