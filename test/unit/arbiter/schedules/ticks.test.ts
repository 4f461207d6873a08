// The times of a schedule: each counts once, late ones are missed, and no clock makes one come twice.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ticksSince, tolerance } from '../../../../src/arbiter/schedules/ticks.ts'
import { parseCron } from '../../../../src/os/cron.ts'

const minute = 60_000
const start = Date.UTC(2026, 0, 1)
const each = parseCron('* * * * *', 'UTC')

test('nothing is due before the next time, and the time itself is due once', () => {
  const early = ticksSince(each, start, start + minute - 1)
  assert.deepEqual(early, { due: undefined, missed: undefined, last: start })
  const due = ticksSince(each, start, start + minute)
  assert.deepEqual(due, { due: start + minute, missed: undefined, last: start + minute })
  assert.equal(ticksSince(each, due.last, start + minute).due, undefined)
  assert.equal(ticksSince(each, due.last, start + 1.5 * minute).due, undefined)
})

test('a clock that goes back repeats nothing, and one that jumps ahead misses what is between', () => {
  const last = start + 10 * minute
  assert.deepEqual(ticksSince(each, last, start), { due: undefined, missed: undefined, last })
  const ahead = ticksSince(each, last, last + 5 * minute + 100)
  assert.deepEqual(ahead, {
    due: last + 5 * minute,
    missed: { count: 4, from: last + minute, to: last + 4 * minute },
    last: last + 5 * minute,
  })
})

test('a run may be late by a minute, then it is missed', () => {
  const daily = parseCron('0 3 * * *', 'UTC')
  const three = start + 180 * minute
  assert.equal(ticksSince(daily, start, three + tolerance).due, three)
  assert.deepEqual(ticksSince(daily, start, three + tolerance + 1), {
    due: undefined,
    missed: { count: 1, from: three, to: three },
    last: three,
  })
})

test('after years the missed times are counted up to a thousand, and forgotten', () => {
  const now = start + 3_000_000 * minute
  const { due, missed, last } = ticksSince(each, start, now)
  assert.deepEqual([due, missed?.count, last], [undefined, 1001, now])
})

test('in the night of summer time each day has one run', () => {
  const night = parseCron('30 2 * * *', 'Europe/Berlin')
  const iso = (after: string): string => new Date(night.next(Date.parse(after)) ?? 0).toISOString()
  assert.equal(
    iso('2026-03-28T12:00:00Z'),
    '2026-03-29T01:00:00.000Z',
    'at 3:00, because 2:30 does not exist',
  )
  assert.equal(iso('2026-03-29T01:00:00Z'), '2026-03-30T00:30:00.000Z')
  assert.equal(iso('2026-10-24T12:00:00Z'), '2026-10-25T00:30:00.000Z')
  assert.equal(iso('2026-10-25T00:30:00Z'), '2026-10-26T01:30:00.000Z', 'not again an hour later')
})
