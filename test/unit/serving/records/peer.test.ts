import assert from 'node:assert/strict'
import { test } from 'node:test'
import { peerAddress } from '../../../../src/serving/records/peer.ts'

test('the peer is the other end of the connection, and nameless on a unix socket', () => {
  assert.equal(peerAddress({ remoteAddress: '10.0.0.1' }), '10.0.0.1')
  assert.equal(peerAddress({ remoteAddress: undefined }), '')
})
