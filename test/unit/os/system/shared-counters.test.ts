// The counters that workers share: one process sees what another one has written, and a row that the arbiter
// clears is cleared for all.

import assert from 'node:assert/strict'
import { closeSync } from 'node:fs'
import { test } from 'node:test'
import { CounterRows } from '../../../../src/arbiter/pool/process/counter-rows.ts'
import {
  headRow,
  mapCounters,
  openCounters,
  rowCount,
  rowLength,
} from '../../../../src/os/system/shared-counters.ts'

test('two mappings show the same numbers, and those that the arbiter sets', (t) => {
  const fd = openCounters()
  assert.ok(fd !== undefined)
  t.after(() => closeSync(fd))
  const [one, other] = [mapCounters(fd), mapCounters(fd)]
  assert.ok(!(one instanceof Error) && !(other instanceof Error))
  const rows = new CounterRows(fd)
  assert.deepEqual([rows.take(1), rows.take(1)], [[1], [2]])
  assert.equal(one[headRow], 3)
  one.set([5, 17, 0, 3], 2 * rowLength)
  assert.deepEqual([...other.subarray(2 * rowLength, 3 * rowLength)], [5, 17, 0, 3])
  rows.free([2])
  assert.deepEqual([...one.subarray(2 * rowLength, 3 * rowLength)], [0, 0, 0, 0])
  assert.equal(other[headRow], 2)
  rows.take(1)
  rows.free([1])
  assert.equal(other[headRow], 3, 'the row of a worker that runs stays in use')
  assert.deepEqual(rows.take(3), [1, 3, 4], 'one for each thread')
  rows.free([1, 3, 4])
  assert.deepEqual(rows.take(rowCount), [], 'all or none')
})

test('a descriptor that cannot be mapped is a reason', () => {
  assert.match(String(mapCounters(999_999)), /cannot be mapped/)
})
