import assert from 'node:assert/strict'
import { test } from 'node:test'
import { didYouMean } from '../../../../src/config/problems/did-you-mean.ts'

test('the nearest name within a third of the letters is suggested', () => {
  const known = ['workers', 'worker_class', 'timeout', 'boot_timeout']
  assert.equal(didYouMean('wrkers', known), 'workers')
  assert.equal(didYouMean('WORKERS', known), 'workers')
  assert.equal(didYouMean('worker_clas', known), 'worker_class')
  assert.equal(didYouMean('time', known), undefined)
  assert.equal(didYouMean('timeou', known, 1), 'timeout')
  assert.equal(didYouMean('timou', known, 1), undefined)
  assert.equal(didYouMean('', []), undefined)
})
