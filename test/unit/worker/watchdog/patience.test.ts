// When the watchdog thread gives up a main thread: at the limit, not before, and never for a time in which it
// did not run itself.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Patience, type Observation, type Verdict } from '../../../../src/worker/watchdog/patience.ts'

type Seen = Omit<Observation, 'now'>
const serving: Seen = { phase: 'serve', lastBeat: 0, debugged: false }

/**
 * Looks as the thread does, which sleeps as long as it is told, until the worker is stuck or the time is
 * over.
 */
function run(patience: Patience, until: number, observe: (now: number) => Seen, from = 0): [number, Verdict] {
  let now = from
  for (;;) {
    const verdict = patience.check({ ...observe(now), now })
    if (verdict.type === 'stuck' || now >= until) return [now, verdict]
    now += verdict.within
  }
}

test('silence is told at timeout, neither earlier nor a sleep later', () => {
  const found = run(new Patience({ timeout: 1100, bootEndsAt: null }, 0), 5000, () => serving)
  assert.deepEqual(found, [1100, { type: 'stuck', silent: 1100 }])
})

test('a loop that beats is never given up, nor any with timeout 0', () => {
  const beating = (now: number): Seen => ({ ...serving, lastBeat: now - 300 })
  assert.equal(run(new Patience({ timeout: 1000, bootEndsAt: null }, 0), 60_000, beating)[1].type, 'wait')
  assert.equal(run(new Patience({ timeout: 0, bootEndsAt: null }, 0), 60_000, () => serving)[1].type, 'wait')
})

test('a thread that was held up itself blames nobody, and counts anew', () => {
  const patience = new Patience({ timeout: 1000, bootEndsAt: null }, 0)
  run(patience, 500, () => serving)
  assert.equal(patience.check({ ...serving, now: 60_000 }).type, 'wait')
  assert.equal(run(patience, 90_000, () => serving, 60_250)[0], 61_000)
})

test('while a debugger may be attached nobody is given up', () => {
  const patience = new Patience({ timeout: 1000, bootEndsAt: 500 }, 0)
  assert.equal(run(patience, 5000, () => ({ ...serving, debugged: true }))[1].type, 'wait')
})

test('a boot has until boot_timeout, whether the loop turns or not', () => {
  const booting = (now: number): Seen => ({ phase: 'boot', lastBeat: now, debugged: false })
  assert.equal(run(new Patience({ timeout: 1000, bootEndsAt: 2000 }, 0), 9000, booting)[0], 2000)
  assert.equal(run(new Patience({ timeout: 1000, bootEndsAt: null }, 0), 9000, booting)[1].type, 'wait')
})
