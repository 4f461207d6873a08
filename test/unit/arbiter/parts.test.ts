// The small parts of the arbiter: roster, backoff, lateness, stop, signals' orders, commands.

import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { afterEnd, freshSlot, Slots } from '../../../src/arbiter/pool/backoff.ts'
import { CommandQueue } from '../../../src/arbiter/model/commands.ts'
import { Punctuality } from '../../../src/arbiter/loop/punctuality.ts'
import { Roster } from '../../../src/arbiter/pool/roster.ts'
import { refusal } from '../../../src/arbiter/model/orders.ts'
import { orderOf } from '../../../src/arbiter/loop/signal-orders.ts'
import { arbiterSignals, isMasterSignal, onSignals, signalTable } from '../../../src/arbiter/loop/signals.ts'
import { drainDelay, Stopping } from '../../../src/arbiter/stop/steps.ts'
import { newRecord, wasOrdered } from '../../../src/arbiter/model/worker-record.ts'
import { worker } from './records.ts'

test(
  'the roster moves a worker by the table, keeps the first reason, and forgets the worker with its ' + 'exit',
  () => {
    const roster = new Roster()
    roster.add(newRecord({ nr: 0, age: 1, generation: 1 }, 0, 5000))
    assert.equal(roster.apply(1, 'hello', { deadline: 5000 })?.state, 'booting')
    assert.equal(roster.apply(1, 'ready', { readyAt: 10 })?.deadline, null, 'a deadline belongs to one state')
    assert.equal(roster.apply(1, 'hello'), undefined)
    assert.equal(roster.apply(1, 'retire', { reason: 'reload', deadline: 99 })?.deadline, 99)
    assert.equal(roster.apply(1, 'deadline', { reason: 'timeout' })?.reason, 'reload')
    assert.equal(roster.apply(1, 'exit')?.state, 'exited')
    assert.equal(roster.get(1), undefined)
    assert.equal(roster.apply(1, 'exit'), undefined)
  },
)

test('the roster tells who holds a slot, and notes facts of workers it knows only', () => {
  const roster = new Roster()
  roster.add(worker({ age: 1 }))
  roster.add(worker({ age: 2, state: 'draining' }))
  roster.note(1, { pid: 77 })
  roster.note(9, { pid: 78 })
  assert.deepEqual(
    roster.holders().map(({ pid }) => pid),
    [77],
  )
  assert.deepEqual(
    roster.inState('draining', 'killed').map(({ age }) => age),
    [2],
  )
  assert.equal(roster.all().length, 2)
})

test('what the master was late by counts neither as silence nor against deadlines', () => {
  const roster = new Roster()
  roster.add(worker({ age: 1, lastBeat: 100 }))
  roster.add(worker({ age: 2, lastBeat: 950, deadline: 900, state: 'booting' }))
  roster.forgive(500, 1000)
  assert.deepEqual(
    roster.all().map(({ lastBeat, deadline }) => [lastBeat, deadline]),
    [
      [600, null],
      [1000, 1400],
    ],
  )
})

test('the master is late only if it looks later than it meant to', () => {
  const punctuality = new Punctuality()
  assert.equal(punctuality.look(5000), 0, 'before anything was expected')
  punctuality.expect(6000)
  assert.equal(punctuality.look(5500), 0)
  assert.equal(punctuality.look(6015), 0, 'every event loop is a little late')
  assert.ok(punctuality.look(8000) >= 2000)
})

test('only ends that the arbiter planned are ordered', () => {
  const ordered = (['retired', 'reload', 'scale', 'stop', 'quit', 'reload_failed'] as const).map((reason) =>
    wasOrdered({ reason }),
  )
  assert.deepEqual(new Set(ordered), new Set([true]))
  for (const reason of ['timeout', 'boot_timeout', 'disconnected', null] as const)
    assert.equal(wasOrdered({ reason }), false)
})

const noJitter = (): number => 0

test('a slot waits longer with each failure in a row, up to 30 seconds', () => {
  let history = freshSlot
  const delays = Array.from({ length: 12 }, () => {
    history = afterEnd(history, { readyAt: null, now: 0 }, noJitter)
    return history.notBefore
  })
  assert.deepEqual(delays, [250, 250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000])
})

test(
  'a worker that is killed soon after it was ready is replaced at once, twice; one that had served is ' +
    'no failure',
  () => {
    const soon = { readyAt: 100, now: 200 }
    const once = afterEnd(freshSlot, soon, noJitter)
    const twice = afterEnd(once, soon, noJitter)
    assert.deepEqual([once.notBefore, twice.notBefore], [200, 200])
    assert.equal(afterEnd(twice, soon, noJitter).notBefore, 700)
    assert.deepEqual(afterEnd(twice, { readyAt: 0, now: 1000 }, noJitter), freshSlot)
  },
)

test('chance takes off up to a fifth of a delay, so that slots do not start in step', () => {
  const wait = (random: number): number =>
    afterEnd(freshSlot, { readyAt: null, now: 1000 }, () => random).notBefore - 1000
  assert.deepEqual([wait(0), wait(0.5), wait(1)], [250, 225, 200])
})

const failure = { readyAt: null, now: 1000 } as const

test('each slot has its own history until all are cleared', () => {
  const slots = new Slots(noJitter)
  for (const wait of [250, 250, 500]) assert.equal(slots.failed(0, failure, 'why').wait, wait)
  assert.equal(slots.failed(1, failure, 'why').wait, 250)
  assert.deepEqual(
    [slots.isLooping(0), slots.isLooping(1), slots.lastError(0), slots.lastError(2)],
    [true, false, 'why', null],
  )
  slots.clear()
  assert.equal(slots.failed(0, failure, 'why').wait, 250)
  assert.equal(slots.isLooping(0), false)
})

test(
  'the third failure in a row is a crash loop, told with each step of the delay, and at the longest ' +
    'one now and then',
  () => {
    const slots = new Slots(noJitter)
    const loops = Array.from(
      { length: 45 },
      (_, index) => slots.failed(0, failure, `error ${index + 1}`).loop,
    )
    assert.deepEqual(loops.slice(0, 2), [undefined, undefined])
    assert.deepEqual(loops[2], { failures: 3, lastError: 'error 3', isNew: true })
    const told = loops.filter((loop) => loop?.isNew).map((loop) => loop?.failures)
    assert.deepEqual(told, [3, 4, 5, 6, 7, 8, 9, 20, 40])
  },
)

test(
  'a slot recovers with a worker that is newer than its failures and has lived for a second, and only ' +
    'a crash loop is told',
  () => {
    const slots = new Slots(noJitter)
    const old = worker({ nr: 0, age: 1, spawnedAt: 0, readyAt: 10 })
    const young = worker({ nr: 0, age: 9, spawnedAt: 2000, readyAt: 2100 })
    for (let round = 0; round < 4; round += 1) slots.failed(0, failure, 'why')
    slots.failed(1, failure, 'why')
    assert.deepEqual(
      slots.recover([old, young], 3099),
      [],
      'neither the one that serves since before, nor one that may fail as they did',
    )
    assert.deepEqual(slots.recover([{ ...young, state: 'draining' }], 5000), [])
    assert.deepEqual(slots.recover([old, young, worker({ nr: 1, spawnedAt: 2000, readyAt: 2000 })], 3100), [
      { worker: young, failures: 4 },
    ])
    assert.equal(slots.histories.size, 0)
    assert.deepEqual(slots.recover([young], 9000), [], 'once')
  },
)

test('a stop is announced once; a quick one overtakes a graceful one and a hook that hangs', () => {
  const graceful = new Stopping()
  assert.deepEqual([graceful.mode, graceful.isOrdered], [undefined, false])
  assert.equal(graceful.request('graceful'), 'announce')
  assert.equal(graceful.request('graceful'), 'nothing')
  graceful.order()
  assert.equal(graceful.request('quick'), 'order')
  assert.equal(graceful.mode, 'quick')
  assert.equal(graceful.request('quick'), 'nothing')
  assert.equal(graceful.request('graceful'), 'nothing')
  const quick = new Stopping()
  assert.equal(quick.request('quick'), 'announce')
  assert.equal(quick.request('graceful'), 'nothing', 'a quick stop stays quick')
  assert.equal(quick.request('quick'), 'order', 'on_stopping is not waited for twice')
})

test(
  'drain_delay puts off what the workers are told, not for a quick stop and not where nobody ' + 'serves',
  () => {
    const stopping = new Stopping()
    stopping.request('graceful')
    stopping.delay(5000)
    assert.equal(stopping.orderAt, Infinity, 'on_stopping runs')
    stopping.announced()
    assert.equal(stopping.orderAt, 5000)
    assert.equal(stopping.request('graceful'), 'nothing')
    assert.equal(stopping.request('quick'), 'order')
    stopping.order()
    assert.equal(stopping.orderAt, Infinity)
    const ready = [{ state: 'booting' }, { state: 'ready' }]
    assert.equal(drainDelay({ mode: 'graceful', drain_delay: 2, workers: ready }), 2000)
    assert.equal(drainDelay({ mode: 'quick', drain_delay: 2, workers: ready }), 0)
    assert.equal(drainDelay({ mode: 'graceful', drain_delay: 2, workers: [{ state: 'booting' }] }), 0)
  },
)

const serving = { stopping: false, target: 2, daemon: false }

test('each signal gives its order while the server serves', () => {
  assert.deepEqual(orderOf('SIGTERM', serving), { type: 'stop', mode: 'graceful' })
  assert.deepEqual(orderOf('SIGINT', serving), { type: 'stop', mode: 'quick' })
  assert.deepEqual(orderOf('SIGQUIT', serving), { type: 'stop', mode: 'quick' })
  assert.deepEqual(orderOf('SIGHUP', serving), { type: 'reload' })
  assert.deepEqual(orderOf('SIGUSR1', serving), { type: 'reopen' })
  assert.deepEqual(orderOf('SIGUSR2', serving), { type: 'upgrade' })
  assert.deepEqual(orderOf('SIGTTIN', serving), { type: 'scale', to: 3 })
  assert.deepEqual(orderOf('SIGTTOU', serving), { type: 'scale', to: 1 })
  assert.equal(orderOf('SIGTTOU', { ...serving, target: 1 }).type, 'ignore')
  assert.equal(orderOf('SIGTTOU', { ...serving, target: 0 }).type, 'ignore')
  assert.equal(orderOf('SIGWINCH', serving).type, 'ignore')
  assert.deepEqual(orderOf('SIGWINCH', { ...serving, daemon: true }), { type: 'scale', to: 0 })
  assert.deepEqual(orderOf('SIGCHLD', serving), { type: 'nothing' })
})

test('while the server stops only stopping, reopening and nothing are left', () => {
  const stopping = { ...serving, stopping: true, daemon: true }
  for (const signal of ['SIGHUP', 'SIGUSR2', 'SIGTTIN', 'SIGTTOU', 'SIGWINCH'] as const)
    assert.deepEqual(orderOf(signal, stopping), { type: 'ignore', why: 'the server is stopping' })
  assert.equal(orderOf('SIGINT', stopping).type, 'stop')
  assert.equal(orderOf('SIGUSR1', stopping).type, 'reopen')
})

test('every signal of the table is listened to and only put into the queue', () => {
  const process = new EventEmitter()
  const got: string[] = []
  // Only `on` is called.
  onSignals(process as unknown as NodeJS.Process, (signal) => got.push(signal))
  for (const signal of arbiterSignals) process.emit(signal)
  assert.deepEqual(got, Object.keys(signalTable))
  assert.ok(isMasterSignal('SIGHUP') && !isMasterSignal('SIGKILL') && !isMasterSignal('SIGSEGV'))
})

test('commands come out of the queue in their order, also to one who waits already', async () => {
  const queue = new CommandQueue()
  const waiting = queue.take()
  queue.put({ type: 'tick' })
  queue.put({ type: 'start', age: 1 })
  queue.put({ type: 'start', age: 2 })
  assert.deepEqual(
    [await waiting, await queue.take(), await queue.take()],
    [{ type: 'tick' }, { type: 'start', age: 1 }, { type: 'start', age: 2 }],
  )
})

test('a server that stops takes no order that only makes sense in service', () => {
  for (const order of [{ type: 'reload' }, { type: 'scale', to: 3 }, { type: 'upgrade' }] as const)
    assert.equal(refusal(order, { stopping: true, noUpgrade: undefined }), 'the server is stopping')
  for (const order of [
    { type: 'stop', mode: 'quick' },
    { type: 'reopen' },
    { type: 'rotate', log: 'all' },
  ] as const)
    assert.equal(refusal(order, { stopping: true, noUpgrade: undefined }), undefined)
  assert.equal(refusal({ type: 'reload' }, { stopping: false, noUpgrade: 'there is one already' }), undefined)
})
