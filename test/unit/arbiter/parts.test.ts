// The small parts of the arbiter: roster, backoff, lateness, stop, signals' orders, commands.

import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { afterEnd, freshSlot, Slots } from '../../../src/arbiter/backoff.ts'
import { CommandQueue } from '../../../src/arbiter/commands.ts'
import { Punctuality } from '../../../src/arbiter/punctuality.ts'
import { Roster } from '../../../src/arbiter/roster.ts'
import { orderOf } from '../../../src/arbiter/signal-orders.ts'
import { arbiterSignals, isMasterSignal, onSignals, signalTable } from '../../../src/arbiter/signals.ts'
import { Stopping } from '../../../src/arbiter/stopping.ts'
import { newRecord, wasOrdered } from '../../../src/arbiter/worker-record.ts'
import { worker } from './records.ts'

test('the roster moves a worker by the table, keeps the first reason, and forgets the worker with its exit', () => {
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
})

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
  for (const reason of ['timeout', 'boot_timeout', null] as const) assert.equal(wasOrdered({ reason }), false)
})

test('a slot waits longer with each failure in a row, up to 30 seconds', () => {
  let history = freshSlot
  const delays = Array.from({ length: 12 }, () => {
    history = afterEnd(history, { readyAt: null, now: 0 })
    return history.notBefore
  })
  assert.deepEqual(delays, [250, 250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000])
})

test('a worker that is killed soon after it was ready is replaced at once, twice; one that had served is no failure', () => {
  const soon = { readyAt: 100, now: 200 }
  const once = afterEnd(freshSlot, soon)
  const twice = afterEnd(once, soon)
  assert.deepEqual([once.notBefore, twice.notBefore], [200, 200])
  assert.equal(afterEnd(twice, soon).notBefore, 700)
  assert.deepEqual(afterEnd(twice, { readyAt: 0, now: 1000 }), freshSlot)
})

test('each slot has its own history until all are cleared', () => {
  const slots = new Slots()
  for (const wait of [250, 250, 500]) assert.equal(slots.failed(0, { readyAt: null, now: 1000 }), wait)
  assert.equal(slots.failed(1, { readyAt: null, now: 1000 }), 250)
  slots.clear()
  assert.equal(slots.failed(0, { readyAt: null, now: 1000 }), 250)
})

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

const serving = { stopping: false, target: 2, daemon: false }

test('each signal gives its order while the server serves', () => {
  assert.deepEqual(orderOf('SIGTERM', serving), { type: 'stop', mode: 'graceful' })
  assert.deepEqual(orderOf('SIGINT', serving), { type: 'stop', mode: 'quick' })
  assert.deepEqual(orderOf('SIGQUIT', serving), { type: 'stop', mode: 'quick' })
  assert.deepEqual(orderOf('SIGHUP', serving), { type: 'reload' })
  assert.deepEqual(orderOf('SIGUSR1', serving), { type: 'reopen' })
  assert.equal(orderOf('SIGUSR2', serving).type, 'ignore')
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
  for (const signal of ['SIGHUP', 'SIGTTIN', 'SIGTTOU', 'SIGWINCH'] as const)
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
