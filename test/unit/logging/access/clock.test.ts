// Times in log lines: correct at each boundary of the cached text, in time zones with all kinds of offsets.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clfClock, isoClock, millisText, toMicroseconds } from '../../../../src/logging/access/clock.ts'

const moment = Date.UTC(2000, 9, 10, 13, 55, 36, 0)

test('the ISO clock agrees with Date for times in any order', () => {
  const iso = isoClock()
  for (const offset of [
    0,
    0,
    1,
    9,
    10,
    99,
    100,
    999,
    1000,
    1001,
    59_999,
    3_600_000,
    999,
    -1,
    -1000,
    86_400_000 * 400,
  ]) {
    assert.equal(iso(moment + offset), new Date(moment + offset).toISOString())
  }
})

test('the ISO clock drops the fraction of a millisecond', () => {
  assert.equal(isoClock()(moment + 5.75), '2000-10-10T13:55:36.005Z')
})

test('the CLF clock changes with the second, not with its first call', () => {
  const clf = clfClock()
  const first = clf(moment)
  assert.equal(clf(moment + 999), first)
  assert.notEqual(clf(moment + 1000), first)
  assert.equal(clf(moment), first)
})

const zones = {
  UTC: '[10/Oct/2000:13:55:36 +0000]',
  'America/New_York': '[10/Oct/2000:09:55:36 -0400]',
  'Asia/Kolkata': '[10/Oct/2000:19:25:36 +0530]',
  'America/St_Johns': '[10/Oct/2000:11:25:36 -0230]',
  'Pacific/Auckland': '[11/Oct/2000:02:55:36 +1300]',
}

/** Runs in another time zone: Node applies an assignment to TZ. */
function inZone<T>(zone: string, run: () => T): T {
  const before = process.env.TZ
  process.env.TZ = zone
  try {
    return run()
  } finally {
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
  }
}

for (const [zone, expected] of Object.entries(zones)) {
  test(`the CLF time is local with its offset in ${zone}`, () => {
    assert.equal(
      inZone(zone, () => clfClock()(moment)),
      expected,
    )
  })
}

test('one CLF clock follows the change to summer time', () => {
  inZone('Europe/Berlin', () => {
    const clf = clfClock()
    const change = Date.UTC(2026, 2, 29, 1)
    assert.equal(clf(change - 1), '[29/Mar/2026:01:59:59 +0100]')
    assert.equal(clf(change), '[29/Mar/2026:03:00:00 +0200]')
  })
})

test('milliseconds have three decimals, also when rounding carries', () => {
  const cases: readonly [number, string][] = [
    [0, '0.000'],
    [0.0004, '0.000'],
    [0.0005, '0.001'],
    [0.05, '0.050'],
    [1.5, '1.500'],
    [12.3456, '12.346'],
    [999.9996, '1000.000'],
    [3_600_000.001, '3600000.001'],
  ]
  for (const [value, text] of cases) assert.equal(millisText(value), text)
})

test('an invalid duration is shown as zero', () => {
  for (const value of [Number.NaN, -1, Number.POSITIVE_INFINITY, -0]) {
    assert.equal(toMicroseconds(value), 0)
    assert.equal(millisText(value), '0.000')
  }
})
