// Which rotated files a policy removes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filesToRemove } from '../../../../src/logging/rotation/policy.ts'

test('the oldest files are removed first, and only as many as the limits require', () => {
  const files = [10, 20, 30, 40].map((size) => ({ name: String(size), size }))
  const removed = (keep: number | null, total_size: number | null): string[] =>
    filesToRemove(files, { keep, total_size }).map(({ name }) => name)
  assert.deepEqual(removed(null, null), [])
  assert.deepEqual(removed(4, 100), [])
  assert.deepEqual(removed(3, null), ['10'])
  assert.deepEqual(removed(null, 99), ['10'])
  assert.deepEqual(removed(null, 89), ['10', '20'])
  assert.deepEqual(removed(3, 70), ['10', '20'])
  assert.deepEqual(removed(0, null), ['10', '20', '30', '40'])
  assert.deepEqual(removed(null, 0), ['10', '20', '30', '40'])
})
