import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { seal, unseal } from '../../../src/tls/sealed.ts'

const secret = randomBytes(32).toString('base64')

test('what is sealed is read with the same secret only, and differs each time', () => {
  const sealed = seal('the key: ä', secret)
  assert.equal(unseal(sealed, secret), 'the key: ä')
  assert.notEqual(sealed, seal('the key: ä', secret))
  assert.ok(!Buffer.from(sealed, 'base64').toString('latin1').includes('the key'))
  assert.throws(() => unseal(sealed, randomBytes(32).toString('base64')))
})

test('what was changed or cut off is refused', () => {
  const bytes = Buffer.from(seal('text', secret), 'base64')
  for (let place = 0; place < bytes.length; place += 1) {
    const changed = Buffer.from(bytes)
    changed[place] = (changed[place] ?? 0) ^ 1
    assert.throws(() => unseal(changed.toString('base64'), secret))
  }
  assert.throws(() => unseal(bytes.subarray(0, 20).toString('base64'), secret))
  assert.throws(() => unseal('', secret))
})
