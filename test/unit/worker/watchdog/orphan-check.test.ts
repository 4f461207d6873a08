// When the watchdog thread ends a worker whose master has exited.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrphanCheck, type Orphaned } from '../../../../src/worker/watchdog/orphan-check.ts'

const master = 50

/** The results of checks every 250 ms, from the end of the master at 1000 on. */
function checks(lastBeat: (now: number) => number, debugged = false, step = 250): Orphaned[] {
  const check = new OrphanCheck(master, 1000)
  return Array.from({ length: 12 }, (_, round) => {
    const now = 1000 + round * step
    return check.check({ parent: round === 0 ? master : 1, lastBeat: lastBeat(now), debugged, now })
  })
}

test('a main thread that is blocked when the master exits, or later, is stuck within two seconds', () => {
  const blocked = checks(() => 0)
  assert.equal(blocked[0], 'supervised')
  assert.equal(blocked.indexOf('stuck'), 7) // 1750 ms after the last check that found the master
  assert.equal(checks((now) => Math.min(now, 1500)).indexOf('stuck'), 8)
})

test('one that turns drains, however long; so does one that is debugged', () => {
  for (const results of [checks((now) => now - 1000), checks(() => 0, true)])
    assert.deepEqual(new Set(results.slice(1)), new Set(['draining']))
})

test('a silence in which this thread did not run either does not count', () => {
  assert.ok(!checks(() => 0, false, 5000).includes('stuck'))
})

test('a blocked main thread of a master that runs is not its matter', () => {
  const check = new OrphanCheck(master, 0)
  assert.equal(check.check({ parent: master, lastBeat: 0, debugged: false, now: 100_000 }), 'supervised')
})
