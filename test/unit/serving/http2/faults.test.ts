// How many streams a client may have reset for errors of its own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StreamFaults } from '../../../../src/serving/http2/faults.ts'

const protocolError = 0x1

function faults(): { readonly note: (code: number, count: number, now: number) => boolean } {
  let tooMany = false
  const limit = new StreamFaults(() => (tooMany = true))
  return {
    note(code, count, now) {
      for (let each = 0; each < count; each += 1) limit.note(code, now)
      return tooMany
    },
  }
}

test('1,000 at once are allowed, one more is too many', () => {
  const { note } = faults()
  assert.equal(note(protocolError, 1000, 5000), false)
  assert.equal(note(protocolError, 1, 5000), true)
})

test('33 a second are allowed for ever', () => {
  const { note } = faults()
  assert.equal(note(protocolError, 1000, 0), false)
  for (let second = 1; second <= 100; second += 1)
    assert.equal(note(protocolError, 33, second * 1000), false, `second ${second}`)
  assert.equal(note(protocolError, 40, 100_000), true)
})

test('a pause never allows more than 1,000', () => {
  const { note } = faults()
  assert.equal(note(protocolError, 1, 0), false)
  assert.equal(note(protocolError, 1000, 1e9), false)
  assert.equal(note(protocolError, 1, 1e9), true)
})

test('streams that the server or the client breaks off are no faults', () => {
  const { note } = faults()
  for (const code of [0x0, 0x2, 0x7, 0x8]) assert.equal(note(code, 5000, 0), false, String(code))
})
