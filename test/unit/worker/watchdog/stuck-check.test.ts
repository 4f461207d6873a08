// When the watchdog thread gives up a main thread: at the limit, not before, and never for a time in which it
// did not run itself.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StuckCheck, type Observation, type Verdict } from '../../../../src/worker/watchdog/stuck-check.ts'

type Seen = Omit<Observation, 'now'>
const serving: Seen = { phase: 'serve', lastBeat: 0, taskEndsAt: Infinity, debugged: false }

/**
 * Checks as the thread does, which sleeps as long as the last check says, until the worker is stuck or the
 * time is over.
 */
function run(
  stuckCheck: StuckCheck,
  until: number,
  observe: (now: number) => Seen,
  from = 0,
): [number, Verdict] {
  let now = from
  for (;;) {
    const verdict = stuckCheck.check({ ...observe(now), now })
    if (verdict.type === 'stuck' || now >= until) return [now, verdict]
    now += verdict.within
  }
}

test('silence is reported at timeout, neither earlier nor a sleep later', () => {
  const found = run(
    new StuckCheck({ timeout: 1100, bootEndsAt: null, byTask: false }, 0),
    5000,
    () => serving,
  )
  assert.deepEqual(found, [1100, { type: 'stuck', silent: 1100 }])
})

test('a loop that beats is never stuck, nor any with timeout 0', () => {
  const beating = (now: number): Seen => ({ ...serving, lastBeat: now - 300 })
  assert.equal(
    run(new StuckCheck({ timeout: 1000, bootEndsAt: null, byTask: false }, 0), 60_000, beating)[1].type,
    'wait',
  )
  assert.equal(
    run(new StuckCheck({ timeout: 0, bootEndsAt: null, byTask: false }, 0), 60_000, () => serving)[1].type,
    'wait',
  )
})

test('a silence in which the thread itself did not run does not count', () => {
  const stuckCheck = new StuckCheck({ timeout: 1000, bootEndsAt: null, byTask: false }, 0)
  run(stuckCheck, 500, () => serving)
  assert.equal(stuckCheck.check({ ...serving, now: 60_000 }).type, 'wait')
  assert.equal(run(stuckCheck, 90_000, () => serving, 60_250)[0], 61_000)
})

test('while a debugger may be attached no worker is stuck', () => {
  const stuckCheck = new StuckCheck({ timeout: 1000, bootEndsAt: 500, byTask: false }, 0)
  assert.equal(run(stuckCheck, 5000, () => ({ ...serving, debugged: true }))[1].type, 'wait')
})

test('a boot has until boot_timeout, whether the loop turns or not', () => {
  const booting = (now: number): Seen => ({
    phase: 'boot',
    lastBeat: now,
    taskEndsAt: Infinity,
    debugged: false,
  })
  assert.equal(
    run(new StuckCheck({ timeout: 1000, bootEndsAt: 2000, byTask: false }, 0), 9000, booting)[0],
    2000,
  )
  assert.equal(
    run(new StuckCheck({ timeout: 1000, bootEndsAt: null, byTask: false }, 0), 9000, booting)[1].type,
    'wait',
  )
})

const ofTasks = { timeout: 1000, bootEndsAt: null, byTask: true }

test('a process of tasks is stuck when its task has run for too long, whether its loop turns or not', () => {
  const silent = (): Seen => ({ ...serving, taskEndsAt: 3000 })
  const beating = (now: number): Seen => ({ ...serving, lastBeat: now, taskEndsAt: 3000 })
  assert.equal(run(new StuckCheck(ofTasks, 0), 9000, silent)[0], 3000)
  assert.equal(run(new StuckCheck(ofTasks, 0), 9000, beating)[0], 3000)
})

test('a process of tasks may be silent for as long as no task has a limit', () => {
  assert.equal(run(new StuckCheck(ofTasks, 0), 60_000, () => serving)[1].type, 'wait')
})

test('a task gets the time in which the thread did not run; the next one does not', () => {
  const stuckCheck = new StuckCheck(ofTasks, 0)
  const first = (): Seen => ({ ...serving, taskEndsAt: 3000 })
  run(stuckCheck, 500, first)
  assert.equal(stuckCheck.check({ ...first(), now: 60_000 }).type, 'wait')
  const [endsAt] = run(stuckCheck, 90_000, first, 60_250)
  assert.ok(endsAt > 62_000 && endsAt <= 63_000)
  assert.equal(run(stuckCheck, 99_000, () => ({ ...serving, taskEndsAt: 95_000 }), endsAt)[0], 95_000)
})
