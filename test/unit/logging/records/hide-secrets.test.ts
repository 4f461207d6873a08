// Credentials in logged errors.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hidden, hideSecrets } from '../../../../src/logging/records/hide-secrets.ts'

test('credentials are hidden wherever a client keeps them, and the rest stays', () => {
  const error = {
    message: 'Request failed with status code 401',
    config: { url: '/a', headers: { Authorization: 'Bearer x', Accept: 'text/plain', 'X-Api-Key': 'y' } },
    request: { _header: 'GET /a HTTP/1.1\r\nAuthorization: Bearer x\r\nCookie: id=1\r\nHost: a\r\n\r\n' },
    response: { rawHeaders: ['Set-Cookie', 'id=2', 'Date', 'today'], headers: { 'set-cookie': ['id=2'] } },
  }
  assert.deepEqual(hideSecrets(error), {
    message: error.message,
    config: { url: '/a', headers: { Authorization: hidden, Accept: 'text/plain', 'X-Api-Key': hidden } },
    request: {
      _header: `GET /a HTTP/1.1\r\nAuthorization: ${hidden}\r\nCookie: ${hidden}\r\nHost: a\r\n\r\n`,
    },
    response: { rawHeaders: ['Set-Cookie', hidden, 'Date', 'today'], headers: { 'set-cookie': hidden } },
  })
  assert.equal(error.config.headers.Authorization, 'Bearer x')
})

test('what has no credentials is not copied, and circles end', () => {
  const plain: Record<string, unknown> = { message: 'boom', cookies: 'no', list: [1, { a: 'b' }] }
  plain['self'] = plain
  assert.equal(hideSecrets(plain), plain)
})
