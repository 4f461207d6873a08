// An error in one line.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headline } from '../../../../src/logging/records/headline.ts'

const refused = new Error('connect ECONNREFUSED 127.0.0.1:1')

test('an error is named with the cause behind it', () => {
  assert.equal(
    headline(new TypeError('fetch failed', { cause: refused })),
    `fetch failed: ${refused.message}`,
  )
  const deep = new Error('no stock', { cause: new Error('no database', { cause: refused }) })
  assert.equal(headline(deep), `no stock: ${refused.message}`, 'the innermost')
  const both = new AggregateError([refused, new Error('connect ECONNREFUSED ::1:1')], 'all failed')
  assert.equal(headline(both), `all failed: ${refused.message}`)
})

test('nothing is said twice, and nothing that is thrown prevents a record', () => {
  assert.equal(headline(refused), refused.message)
  assert.equal(
    headline(new Error(`it failed: ${refused.message}`, { cause: refused })),
    `it failed: ${refused.message}`,
  )
  assert.equal(headline('just text'), 'just text')
  const hostile = Object.defineProperty(new Error('x'), 'message', {
    get() {
      throw new Error('no')
    },
  })
  assert.match(headline(hostile), /cannot be shown/)
})
