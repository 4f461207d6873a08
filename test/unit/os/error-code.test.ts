// The code of a system error, and what has none.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { errorCode, hasCode } from '../../../src/os/error-code.ts'

test('errorCode returns the code of a system error', () => {
  try {
    readFileSync('/no/such/file')
    assert.fail('the file exists')
  } catch (error) {
    assert.equal(errorCode(error), 'ENOENT')
  }
})

test('errorCode returns undefined without an Error or without a code that is a string', () => {
  const values = [
    undefined,
    null,
    'ENOENT',
    { code: 'ENOENT' },
    new Error('no code'),
    Object.assign(new Error(), { code: 2 }),
  ]
  assert.deepEqual(
    values.map((value) => errorCode(value)),
    values.map(() => undefined),
  )
})

test('hasCode is true when one of the codes is that of the error', () => {
  const error = Object.assign(new Error(), { code: 'EAGAIN' })
  assert.equal(hasCode(error, 'EAGAIN'), true)
  assert.equal(hasCode(error, 'ENOENT', 'EAGAIN'), true)
  assert.equal(hasCode(error, 'ENOENT', 'EEXIST'), false)
  assert.equal(hasCode(error), false)
  assert.equal(hasCode(new Error(), 'EAGAIN'), false)
})
