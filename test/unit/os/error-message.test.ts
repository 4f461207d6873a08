// No thrown value has an empty message.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messageOf } from '../../../src/os/error-message.ts'

test('the message of a thrown value is never empty', () => {
  const circular = new Error('')
  circular.cause = new Error('', { cause: circular })
  const rows: readonly (readonly [unknown, string])[] = [
    [new Error('no database'), 'no database'],
    [new AggregateError([new Error('connect ECONNREFUSED ::1:5432')]), 'connect ECONNREFUSED ::1:5432'],
    [new Error('', { cause: new Error('inner') }), 'inner'],
    [Object.assign(new Error(''), { code: 'EPIPE' }), 'EPIPE'],
    [new TypeError(' '), 'TypeError without a message'],
    [Object.assign(new Error(''), { name: '' }), 'an error without a message'],
    [circular, 'Error without a message'],
    ['', 'an empty text'],
    ['text', 'text'],
    [undefined, 'undefined'],
    [{ status: 500 }, '{ status: 500 }'],
  ]
  for (const [thrown, message] of rows) assert.equal(messageOf(thrown), message)
})
