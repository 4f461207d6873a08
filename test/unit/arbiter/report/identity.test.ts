// The fields by which a machine recognises a record: which event, which worker, for how long.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Identities } from '../../../../src/arbiter/report/identity.ts'
import { worker } from '../records.ts'

/** Moments are set by the test. */
function world(): { at: number; readonly identities: Identities } {
  const time = { at: 0 }
  return Object.assign(time, { identities: new Identities({ now: () => time.at }, 0) })
}

test('a record about a worker says which one, and how long it lives', () => {
  const now = world()
  const one = worker({ nr: 1, age: 7, pid: 4242, generation: 2, spawnedAt: 1000 })
  const fields = { nr: 1, worker_pid: 4242, age: 7, generation: 2 }
  now.at = 3500.4
  assert.deepEqual(now.identities.of({ type: 'worker_killed', worker: one }), {
    event: 'worker_killed',
    ...fields,
    duration_ms: 2500,
  })
  assert.deepEqual(
    now.identities.of({ type: 'worker_ready', worker: one, took: 204.2 }),
    { event: 'worker_ready', ...fields, duration_ms: 204 },
    'the figure of the sentence',
  )
  const unborn = worker({ nr: 1, pid: null, spawnedAt: 1000 })
  assert.equal(now.identities.of({ type: 'worker_killed', worker: unborn })['worker_pid'], null)
})

test('a start is counted from the process, a reload and a stop from their first record', () => {
  const now = world()
  now.at = 120
  assert.equal(now.identities.of({ type: 'workers_ready', count: 2 })['duration_ms'], 120)
  now.at = 5000
  assert.equal(now.identities.of({ type: 'reloading', attempt: 1 })['duration_ms'], 0)
  now.at = 5700
  const failed = { type: 'reload_failed', attempt: 1, reason: 'x' } as const
  assert.deepEqual(now.identities.of(failed), { event: 'reload_failed', duration_ms: 700 })
  now.at = 6000
  assert.equal(now.identities.of({ type: 'reloading', attempt: 2 })['duration_ms'], 0, 'another reload')
  now.at = 9000
  assert.equal(now.identities.of({ type: 'stopping', mode: 'quick', delay: 0 })['duration_ms'], 0)
  now.at = 9040
  assert.deepEqual(now.identities.of({ type: 'stopped' }), { event: 'stopped', duration_ms: 40 })
})

test('what fails before it began has taken no time, and other records have no duration', () => {
  const now = world()
  now.at = 400
  assert.equal(now.identities.of({ type: 'upgrade_failed', reason: 'x' })['duration_ms'], 0)
  assert.deepEqual(now.identities.of({ type: 'logs_reopened' }), { event: 'logs_reopened' })
})
