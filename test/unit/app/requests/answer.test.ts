// What the client gets of a request that has failed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerTo } from '../../../../src/app/requests/answer.ts'

const unsent = { headersSent: false, writableEnded: false, statusCode: 200 }
const begun = { ...unsent, headersSent: true }

test('a response that has not begun gets the status of the error, else 500', () => {
  assert.deepEqual(answerTo(new Error('x'), unsent), { status: 500, isCut: false })
  assert.deepEqual(answerTo({ statusCode: 503 }, unsent), { status: 503, isCut: false })
  assert.deepEqual(answerTo({ status: 200 }, unsent), { status: 500, isCut: false })
})

test('a response that has begun keeps its status, and is cut off unless it has ended', () => {
  assert.deepEqual(answerTo({ status: 503 }, begun), { status: 200, isCut: true })
  assert.deepEqual(answerTo(new Error('x'), { ...begun, writableEnded: true }), { status: 200, isCut: false })
})
