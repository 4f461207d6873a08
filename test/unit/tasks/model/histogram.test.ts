// Times in buckets.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addCounts, Histogram, quantile, subtractCounts } from '../../../../src/tasks/model/histogram.ts'

function recorded(times: readonly number[]): Histogram {
  const histogram = new Histogram()
  for (const time of times) histogram.record(time)
  return histogram
}

test('a quantile is at most a fifth above the true one, from a hundredth of a millisecond to hours', () => {
  for (const scale of [0.02, 1, 350, 3_600_000]) {
    const counts = recorded(Array.from({ length: 100 }, (_, index) => (scale * (index + 1)) / 100)).counts()
    for (const share of [0.5, 0.99, 1]) {
      const found = quantile(counts, share) ?? 0
      assert.ok(found >= scale * share * 0.999 || scale < 0.1, `${share} of ${scale}: ${found}`)
      assert.ok(found <= Math.max(0.01, scale * share * 1.2), `${share} of ${scale}: ${found}`)
    }
  }
})

test('any number is counted', () => {
  const counts = recorded([0, -1, NaN, 1e12, Infinity]).counts()
  assert.deepEqual([counts[0], counts.at(-1)], [3, 2])
  assert.equal(quantile(new Histogram().counts(), 0.5), undefined)
})

test('the counts of processes add up, and those since an earlier moment are the difference', () => {
  const [one, other] = [recorded([1, 2, 3]).counts(), recorded([100]).counts()]
  const both = addCounts(one, other)
  assert.ok((quantile(both, 1) ?? 0) >= 100)
  assert.deepEqual(subtractCounts(both, one), other)
})
