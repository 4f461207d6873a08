// What the events so far say about the server.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ArbiterEvent } from '../../../../src/arbiter/model/events.ts'
import { judge } from '../../../../src/arbiter/model/death/verdict.ts'
import { History } from '../../../../src/arbiter/report/history.ts'
import { worker } from '../records.ts'

const at = new Date('2026-01-02T03:04:05Z')
const ready: ArbiterEvent = { type: 'workers_ready', count: 1 }
const reloading: ArbiterEvent = { type: 'reloading', attempt: 1 }
const upgrading: ArbiterEvent = { type: 'upgrading', pid: 7 }

function after(...events: readonly ArbiterEvent[]): History {
  const history = new History()
  for (const event of events) history.apply(event, at)
  return history
}

test('the state is the most important thing in progress', () => {
  assert.equal(after().state, 'starting')
  assert.equal(after({ type: 'reload_queued', attempt: 1 }).state, 'starting')
  assert.equal(after(ready).state, 'serving')
  assert.equal(after(ready, reloading).state, 'reloading')
  assert.equal(
    after(ready, reloading, { type: 'reloaded', attempt: 1, generation: 2, took: 1 }).state,
    'serving',
  )
  assert.equal(after(ready, reloading, { type: 'reload_failed', attempt: 1, reason: 'no' }).state, 'serving')
  assert.equal(after(ready, upgrading, { type: 'upgraded', pid: 7 }).state, 'upgrading')
  assert.equal(after(ready, upgrading, { type: 'upgrade_failed', reason: 'no' }).state, 'serving')
  assert.equal(after(ready, upgrading, { type: 'upgrade_reverted', pid: 7 }).state, 'serving')
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

test('requests of workers that have exited stay in the sum', () => {
  const exited = (requests: number): ArbiterEvent => ({
    type: 'worker_ended',
    worker: worker({ load: { ...worker().load, requests } }),
    verdict: judge(worker(), { code: 0, signal: null }, 0),
    lived: 1,
    retryIn: 0,
  })
  assert.equal(after(exited(3), exited(4)).answered, 7)
})
