import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { describeFailure } from '../../../../src/serving/tls/handshake-failure.ts'

function socketWith(refused: string | null): TLSSocket {
  return { authorizationError: refused } as unknown as TLSSocket // nothing else is read
}

const coded = (code: string, more: object = {}): Error =>
  Object.assign(new Error('long text of OpenSSL'), { code, ...more })

test('known errors of a handshake are explained, others have the reason of OpenSSL', () => {
  const plain = socketWith(null)
  assert.match(describeFailure(coded('ERR_SSL_UNSUPPORTED_PROTOCOL'), plain), /tls_min_version/)
  assert.equal(describeFailure(coded('ECONNRESET'), plain), 'the client has closed the connection')
  assert.equal(describeFailure(coded('ERR_SSL_OTHER', { reason: 'bad extension' }), plain), 'bad extension')
  assert.equal(describeFailure(new Error('something'), plain), 'something')
})

test('a refused certificate of a client has the reason, although Node only sees a closed connection', () => {
  const expired = socketWith('CERT_HAS_EXPIRED')
  const text = 'the certificate of the client is not valid: CERT_HAS_EXPIRED'
  assert.equal(describeFailure(coded('ECONNRESET'), expired), text)
  assert.equal(describeFailure(undefined, expired), text)
})
