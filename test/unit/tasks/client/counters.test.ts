// When a refused caller should come back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CallStatistics } from '../../../../src/tasks/client/counters.ts'

test('retryAfter is the time in which the queue is worked off, from 1 to 60 seconds', () => {
  const statistics = new CallStatistics()
  assert.equal(statistics.retryAfter(64, 1), 1)
  statistics.measure(500, 1)
  assert.equal(statistics.retryAfter(64, 1), 32)
  assert.equal(statistics.retryAfter(64, 2), 16)
  assert.equal(statistics.retryAfter(1000, 1), 60)
})

test('the mean of the times follows the latest ones, and a batch counts for each of its inputs', () => {
  const statistics = new CallStatistics()
  statistics.measure(8000, 8)
  assert.equal(statistics.retryAfter(10, 1), 10)
  for (let count = 0; count < 50; count += 1) statistics.measure(100, 1)
  assert.equal(statistics.retryAfter(15, 1), 2)
})
