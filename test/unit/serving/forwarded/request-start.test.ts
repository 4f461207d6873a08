import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noteWaited, waitedOf, waitedSince } from '../../../../src/serving/forwarded/request-start.ts'

const now = 1_512_379_167_600

test('seconds, milliseconds, microseconds and nanoseconds are understood', () => {
  for (const value of ['t=1512379167.574', '1512379167.574', '1512379167574', 't=1512379167574'])
    assert.equal(Math.round(waitedSince(value, now) ?? -1), 26, value)
  assert.equal(waitedSince('t=1512379167574000', now), 26)
  assert.equal(Math.round(waitedSince('1512379167574000000', now) ?? -1), 26)
  assert.equal(waitedSince(' t=1512379167 ', now), 600)
})

test('a clock that is a little ahead means no wait, and nonsense means nothing', () => {
  assert.equal(waitedSince('t=1512379168.000', now), 0)
  for (const value of [
    't=1512379200.000',
    't=1412379167.574',
    '',
    't=',
    'abc',
    '12',
    't=1512379167.574, t=1',
  ])
    assert.equal(waitedSince(value, now), undefined, value)
})

test('a request has what was noted', () => {
  const request = {}
  assert.equal(waitedOf(request), undefined)
  noteWaited(request, 12)
  assert.equal(waitedOf(request), 12)
})
