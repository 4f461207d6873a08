import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemIn, retryAfterOf } from '../../../src/acme/authority-error.ts'

test('a problem is quoted with its type, and with the names that it is about', () => {
  const type = 'urn:ietf:params:acme:error:rateLimited'
  assert.equal(problemIn({ type, detail: 'too many', status: 429 }), 'too many (rateLimited)')
  assert.equal(
    problemIn({ status: 'invalid', error: { type, detail: 'too many' } }),
    'too many (rateLimited)',
  )
  assert.equal(problemIn({ type: 'about:blank', detail: 'x' }), 'x (about:blank)')
  const subproblems = [
    { type, detail: 'not this one', identifier: { type: 'dns', value: 'a.example' } },
    { type, detail: 'nor this' },
    7,
  ]
  assert.equal(
    problemIn({ type, detail: 'no', subproblems }),
    'no; a.example: not this one; nor this (rateLimited)',
  )
})

test('what is no problem has no words', () => {
  for (const body of [
    undefined,
    null,
    '',
    '<html>',
    [],
    {},
    { type: 'x' },
    { type: 'http-01', status: 'valid' },
  ])
    assert.equal(problemIn(body), undefined)
})

test('an authority may ask to wait, in seconds or until a date', () => {
  const now = Date.parse('2030-01-01T00:00:00Z')
  assert.equal(retryAfterOf('120', now), 120_000)
  assert.equal(retryAfterOf('Tue, 01 Jan 2030 00:01:00 GMT', now), 60_000)
  assert.equal(retryAfterOf('9999999', now), 86_400_000)
  for (const value of [undefined, '', 'soon', '-1', 'Mon, 31 Dec 2029 00:00:00 GMT', 7])
    assert.equal(retryAfterOf(value, now), 0)
})
