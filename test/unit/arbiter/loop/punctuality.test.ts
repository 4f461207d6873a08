// Whether the arbiter itself was late.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Punctuality } from '../../../../src/arbiter/loop/punctuality.ts'

test('the arbiter is late only if it looks later than expected', () => {
  const punctuality = new Punctuality()
  assert.equal(punctuality.look(5000), 0, 'before anything was expected')
  punctuality.expect(6000)
  assert.equal(punctuality.look(5500), 0)
  assert.equal(punctuality.look(6015), 0, 'every event loop is a little late')
  assert.equal(punctuality.look(6020), 0)
  assert.equal(punctuality.look(6021), 121, 'with the time to read the pipes')
  assert.equal(punctuality.look(8000), 2100)
})
