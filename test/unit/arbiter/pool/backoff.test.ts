// How long a slot waits after failures, and when that is a crash loop.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ArbiterEvent } from '../../../../src/arbiter/model/events.ts'
import { freshSlot } from '../../../../src/arbiter/model/slot.ts'
import { judge } from '../../../../src/arbiter/model/death/verdict.ts'
import { afterEnd, mayStart, SlotHistories } from '../../../../src/arbiter/pool/backoff.ts'
import { worker } from '../records.ts'

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
  const slots = new SlotHistories(noJitter)
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
  'the third failure in a row is a crash loop, logged with each step of the delay, and at the longest ' +
    'one from time to time',
  () => {
    const slots = new SlotHistories(noJitter)
    const loops = Array.from(
      { length: 45 },
      (_, index) => slots.failed(0, failure, `error ${index + 1}`).loop,
    )
    assert.deepEqual(loops.slice(0, 2), [undefined, undefined])
    assert.deepEqual(loops[2], { failures: 3, lastError: 'error 3', isNew: true })
    const logged = loops.filter((loop) => loop?.isNew).map((loop) => loop?.failures)
    assert.deepEqual(logged, [3, 4, 5, 6, 7, 8, 9, 20, 40])
  },
)

test(
  'a slot recovers with a worker that is newer than its failures and has lived for a second, and only ' +
    'a crash loop is reported',
  () => {
    const slots = new SlotHistories(noJitter)
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

test('a slot may start a worker when its delay is over, and at once without a history', () => {
  const slots = new Map([[0, { failures: 3, notBefore: 500 }]])
  assert.deepEqual(
    [mayStart(slots, 0, 499), mayStart(slots, 0, 500), mayStart(slots, 1, 0)],
    [false, true, true],
  )
})

test('a planned end is no failure; an unplanned one has the error of its verdict', () => {
  const slots = new SlotHistories(noJitter)
  const planned = worker({ readyAt: null, reason: 'reload' })
  assert.deepEqual(slots.ended(planned, judge(planned, { code: 1, signal: null }, 50), 50), { wait: 0 })
  assert.equal(slots.histories.size, 0)
  const died = worker({ readyAt: null })
  assert.equal(slots.ended(died, judge(died, { code: 42, signal: null }, 50), 50).wait, 250)
  assert.equal(slots.lastError(0), 'exited with code 42 before it was ready')
})

test('a recovery is an event for each slot that was in a crash loop', () => {
  const slots = new SlotHistories(noJitter)
  for (let round = 0; round < 3; round += 1) slots.failed(0, failure, 'why')
  const events: ArbiterEvent[] = []
  const healthy = worker({ spawnedAt: 2000, readyAt: 2000 })
  slots.reportRecovery([healthy], 3000, (event) => events.push(event))
  assert.deepEqual(events, [{ type: 'slot_recovered', worker: healthy, failures: 3 }])
})

test('an app that sends itself a signal soon after it was ready has failed, one that had served has not', () => {
  const slots = new SlotHistories(noJitter)
  const end = { code: 0, signal: null } as const
  const left = (since: number): number => {
    const record = worker({ readyAt: 1000, reason: 'self', due: { reason: 'self', since } })
    return slots.ended(record, judge(record, end, 9000), 9000).wait
  }
  assert.deepEqual([left(1100), left(1100), left(1100), left(1100)], [0, 0, 500, 1000])
  assert.equal(slots.lastError(0), 'its app has sent a signal to its own process')
  assert.equal(left(2000), 0)
})
