// Requests that were ended by request_timeout, and on which the app still works.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Overdue } from '../../../../src/serving/requests/overdue.ts'
import { FakeSocket, fakeResponse } from '../fakes.ts'

test('a request is overdue until its response is ended', () => {
  const overdue = new Overdue()
  const [open, ended] = [fakeResponse(new FakeSocket()).response, fakeResponse(new FakeSocket()).response]
  Object.assign(ended, { writableEnded: true })
  overdue.add(open, undefined)
  overdue.add(ended, undefined)
  assert.equal(overdue.count(), 1)
  Object.assign(open, { writableEnded: true })
  assert.equal(overdue.count(), 0)
})

test('a handler whose promise settles has ended, however it settles', async () => {
  const overdue = new Overdue()
  const responses = [1, 2, 3].map(() => fakeResponse(new FakeSocket()).response)
  const results = [Promise.resolve(), Promise.reject(new Error('of the app')), new Promise(() => undefined)]
  responses.forEach((response, index) => overdue.add(response, results[index]))
  assert.equal(overdue.count(), 3)
  await nextTurn()
  assert.equal(overdue.count(), 1)
})
