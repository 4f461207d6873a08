// What the control socket makes of the events of the arbiter: the state of the server, and the end of what
// somebody waits for.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ArbiterEvent } from '../../../src/arbiter/model/events.ts'
import { workerStatus } from '../../../src/control/arbiter-target.ts'
import { Chronicle, toldOf } from '../../../src/control/chronicle.ts'
import { outcomeOf } from '../../../src/control/progress.ts'
import { worker } from '../arbiter/records.ts'

const at = new Date('2026-01-02T03:04:05Z')
const ready: ArbiterEvent = { type: 'workers_ready', count: 1 }
const reloading: ArbiterEvent = { type: 'reloading', attempt: 1 }
const upgrading: ArbiterEvent = { type: 'upgrading', pid: 7 }

function after(...events: readonly ArbiterEvent[]): Chronicle {
  const chronicle = new Chronicle()
  for (const event of events) chronicle.see(event, at)
  return chronicle
}

test('the state is the most important thing that goes on', () => {
  assert.equal(after().state, 'starting')
  assert.equal(after({ type: 'reload_remembered', attempt: 1 }).state, 'starting')
  assert.equal(after(ready).state, 'serving')
  assert.equal(after(ready, reloading).state, 'reloading')
  assert.equal(
    after(ready, reloading, { type: 'reloaded', attempt: 1, generation: 2, took: 1 }).state,
    'serving',
  )
  assert.equal(after(ready, reloading, { type: 'reload_failed', attempt: 1, reason: 'no' }).state, 'serving')
  assert.equal(after(ready, upgrading, { type: 'upgraded', pid: 7 }).state, 'upgrading')
  assert.equal(after(ready, upgrading, { type: 'upgrade_failed', reason: 'no' }).state, 'serving')
  assert.equal(after(ready, upgrading, { type: 'upgrade_ended', pid: 7 }).state, 'serving')
  assert.equal(after(ready, reloading, { type: 'stopping', mode: 'graceful', delay: 0 }).state, 'stopping')
  assert.equal(after({ type: 'start_failed', reason: 'no', code: 3 }).state, 'stopping')
})

test('the last reload is remembered with its number, its end and its moment', () => {
  assert.equal(after(ready, reloading).lastReload, null)
  const failed = { attempt: 1, ok: false, reason: 'wrong', at: '2026-01-02T03:04:05.000Z' }
  assert.deepEqual(after({ type: 'reload_failed', attempt: 1, reason: 'wrong' }).lastReload, failed)
  const done = after({ type: 'reloaded', attempt: 2, generation: 2, took: 1 }).lastReload
  assert.deepEqual(done, { attempt: 2, ok: true, reason: null, at: '2026-01-02T03:04:05.000Z' })
})

test('requests of workers that are gone stay in the sum', () => {
  const gone = (requests: number): ArbiterEvent => ({
    type: 'worker_ended',
    worker: worker({ load: { ...worker().load, requests } }),
    end: { code: 0, signal: null },
    lived: 1,
    retryIn: 0,
  })
  assert.equal(after(gone(3), gone(4)).answered, 7)
})

test('who waits for a reload hears the end of that one, not of another', () => {
  const taken = { taken: true, attempt: 2 } as const
  const endOf = (event: ArbiterEvent): unknown => {
    const { ending } = toldOf(event)
    return ending && outcomeOf({ type: 'reload' }, taken, ending)
  }
  assert.equal(endOf({ type: 'reloaded', attempt: 1, generation: 2, took: 1 }), undefined)
  assert.deepEqual(endOf({ type: 'reloaded', attempt: 2, generation: 3, took: 1 }), { done: true })
  assert.deepEqual(endOf({ type: 'reload_failed', attempt: 2, reason: 'wrong' }), {
    done: false,
    reason: 'wrong',
  })
  assert.equal(endOf({ type: 'upgraded', pid: 7 }), undefined)
  assert.deepEqual(endOf({ type: 'stopping', mode: 'quick', delay: 0 }), {
    done: false,
    reason: 'the server is stopping',
  })
  assert.equal(endOf({ type: 'logs_reopened' }), undefined)
})

test('who waits for an upgrade or the stop hears its end', () => {
  const endOf = (type: 'upgrade' | 'stop', event: ArbiterEvent): unknown => {
    const { ending } = toldOf(event)
    return ending && outcomeOf(type === 'stop' ? { type, mode: 'quick' } : { type }, { taken: true }, ending)
  }
  assert.deepEqual(endOf('upgrade', { type: 'upgraded', pid: 7 }), { done: true })
  assert.deepEqual(endOf('upgrade', { type: 'upgrade_failed', reason: 'no' }), { done: false, reason: 'no' })
  assert.equal(endOf('upgrade', { type: 'reloaded', attempt: 1, generation: 2, took: 1 }), undefined)
  assert.equal(endOf('stop', { type: 'stopping', mode: 'quick', delay: 0 }), undefined)
  assert.deepEqual(endOf('stop', { type: 'stopped' }), { done: true })
})

test('a worker is told with its seconds, to a tenth', () => {
  const booted = workerStatus(worker({ spawnedAt: 1000, readyAt: 2000, lastBeat: 61_940 }), 62_000)
  assert.deepEqual([booted.age_seconds, booted.uptime_seconds, booted.beat_seconds], [61, 60, 0.1])
  assert.equal(workerStatus(worker({ readyAt: null }), 62_000).uptime_seconds, null)
  assert.equal(workerStatus(worker({ lastBeat: 70_000 }), 62_000).beat_seconds, 0, 'never less than none')
})
