// The checks of values from outside.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isObject, isRecord, isThenable } from '../../../src/os/type-checks.ts'

test('an object has fields; null and primitives do not; an array is no record', () => {
  const values = [{}, [], null, undefined, 'text', 1, () => undefined]
  assert.deepEqual(values.map(isObject), [true, true, false, false, false, false, false])
  assert.deepEqual(values.map(isRecord), [true, false, false, false, false, false, false])
})

test('a thenable is an object with a method `then`', () => {
  const values = [Promise.resolve(), { then: () => undefined }, { then: 1 }, {}, null, 'then']
  assert.deepEqual(values.map(isThenable), [true, true, false, false, false, false])
})
