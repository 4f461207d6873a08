import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bindingIn } from '../../../src/acme/client.ts'

test('an external account is an object with two texts', () => {
  assert.deepEqual(bindingIn('{ "kid": "a", "hmac_key": "b", "more": 1 }'), { kid: 'a', hmacKey: 'b' })
  for (const text of ['', 'b', '[]', 'null', '{}', '{"kid":"a"}', '{"kid":1,"hmac_key":"b"}'])
    assert.equal(bindingIn(text), undefined)
})
