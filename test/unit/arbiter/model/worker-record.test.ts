// The record of a worker.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPlanned, newRecord } from '../../../../src/arbiter/model/worker-record.ts'

test('only ends that the arbiter planned are planned', () => {
  const planned = (['retired', 'reload', 'scale', 'stop', 'quit', 'reload_failed'] as const).map((reason) =>
    isPlanned({ reason }),
  )
  assert.deepEqual(new Set(planned), new Set([true]))
  for (const reason of ['timeout', 'boot_timeout', 'disconnected', null] as const)
    assert.equal(isPlanned({ reason }), false)
})

test('a new record is spawned, without a process, a beat or a limit', () => {
  const record = newRecord({ nr: 2, age: 5, generation: 3 }, 100, 900)
  assert.deepEqual([record.state, record.pid, record.readyAt, record.trial], ['spawned', null, null, 0])
  assert.deepEqual([record.spawnedAt, record.lastBeat, record.deadline], [100, 100, 900])
  assert.deepEqual(
    [record.killed, record.accepting, record.debugged, record.due],
    [false, false, false, null],
  )
  assert.equal(record.limits.silence, Infinity)
  assert.equal(newRecord({ nr: 0, age: 1, generation: 1, trial: 7 }, 0, null).trial, 7)
})
