// Intervals of rotations: their syntax, the start of their periods, also when clocks change, and their dates.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import {
  parseInterval,
  periodStart,
  stampOf,
  type Interval,
} from '../../../../src/logging/rotation/interval.ts'

function interval(text: string): Interval {
  const parsed = parseInterval(text)
  assert.ok(parsed, text)
  return parsed
}

test('an interval is a number and a unit, and divides the next larger unit', () => {
  for (const text of ['1s', '30s', '1m', '15m', '1h', '6h', '24h', '1d', '1w', '1M'])
    assert.ok(parseInterval(text), text)
  for (const text of ['', 'd', '0h', '5h', '7m', '61s', '2d', '3M', '1y', '1 d', '-1h', '1.5h', '1D'])
    assert.equal(parseInterval(text), undefined, text)
})

test('periods follow the calendar, whenever the server was started', () => {
  const at = Date.UTC(2026, 10, 25, 17, 48, 31, 500) // a Wednesday
  const starts = Object.fromEntries(
    ['30s', '15m', '6h', '1d', '1w', '1M'].map((text) => [
      text,
      new Date(periodStart(at, interval(text), true)).toISOString(),
    ]),
  )
  assert.deepEqual(starts, {
    '30s': '2026-11-25T17:48:30.000Z',
    '15m': '2026-11-25T17:45:00.000Z',
    '6h': '2026-11-25T12:00:00.000Z',
    '1d': '2026-11-25T00:00:00.000Z',
    '1w': '2026-11-23T00:00:00.000Z',
    '1M': '2026-11-01T00:00:00.000Z',
  })
})

test('the start belongs to its period, and a week can span two months', () => {
  for (const text of ['1s', '15m', '6h', '1d', '1w', '1M']) {
    const start = periodStart(Date.UTC(2027, 2, 2, 5, 5, 5), interval(text), true)
    assert.equal(periodStart(start, interval(text), true), start, text)
    assert.ok(periodStart(start - 1, interval(text), true) < start, text)
  }
  assert.equal(
    new Date(periodStart(Date.UTC(2027, 0, 2), interval('1w'), true)).toISOString(),
    '2026-12-28T00:00:00.000Z',
  )
})

test('a stamp is as fine as its interval, and stamps sort in order of time', () => {
  const at = Date.UTC(2026, 0, 2, 3, 4, 5)
  const stamps = ([undefined, 'M', 'w', 'd', 'h', 'm', 's'] as const).map((unit) => stampOf(at, unit, true))
  assert.deepEqual(stamps, [
    ...Array<string>(4).fill('2026-01-02'),
    '2026-01-02T03',
    '2026-01-02T0304',
    '2026-01-02T030405',
  ])
})

/** Runs in a separate process, because a process reads its time zone when it starts. */
function inZone(zone: string, expression: string): unknown {
  const module = new URL('../../../../src/logging/rotation/interval.ts', import.meta.url).pathname
  const script = `const { parseInterval, periodStart, stampOf } = await import(${JSON.stringify(module)})
    console.log(JSON.stringify(${expression}))`
  const words = ['--import', 'tsx', '--input-type=module', '-e', script]
  return JSON.parse(
    execFileSync(process.execPath, words, { env: { ...process.env, TZ: zone }, encoding: 'utf8' }),
  )
}

test('local days start at local midnight, also days with 23 or 25 hours', () => {
  const hours = inZone(
    'Europe/Berlin',
    `['2026-03-28', '2026-03-29', '2026-03-30', '2026-10-25', '2026-10-26'].map((day) => new ` +
      `Date(periodStart(Date.parse(day + 'T12:00:00Z'), parseInterval('1d'), false)).toISOString())`,
  )
  assert.deepEqual(hours, [
    '2026-03-27T23:00:00.000Z',
    '2026-03-28T23:00:00.000Z',
    '2026-03-29T22:00:00.000Z',
    '2026-10-24T22:00:00.000Z',
    '2026-10-25T23:00:00.000Z',
  ])
})

test('when clocks are set back, no period starts before the previous one', () => {
  const starts = inZone(
    'Europe/Berlin',
    `Array.from({ length: 240 }, (_, minute) => periodStart(Date.parse('2026-10-24T23:00:00Z') +
        ` + `minute * 60000, parseInterval('1h'), false))`,
  )
  assert.ok(Array.isArray(starts))
  assert.deepEqual(starts, starts.toSorted())
})
