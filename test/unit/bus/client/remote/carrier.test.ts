import assert from 'node:assert/strict'
import { test } from 'node:test'
import { whyDown } from '../../../../../src/bus/client/remote/carrier.ts'

test('a certificate of an unknown authority is told with what to do; other errors as they are', () => {
  const error = Object.assign(new Error('self-signed certificate in certificate chain'), {
    code: 'SELF_SIGNED_CERT_IN_CHAIN',
  })
  assert.equal(
    whyDown(error),
    'the authority of its certificate is not known: name it in NODE_EXTRA_CA_CERTS ' +
      '(self-signed certificate in certificate chain)',
  )
  assert.equal(whyDown(Object.assign(new Error('no'), { code: 'CERT_HAS_EXPIRED' })), 'no')
  assert.equal(whyDown('text'), 'text')
})
