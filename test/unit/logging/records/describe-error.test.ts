// Any thrown value can be described, and describing it never throws.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeError } from '../../../../src/logging/records/describe-error.ts'

test('an error is described with its stack, causes and other properties', () => {
  const error = Object.assign(new TypeError('outer', { cause: new Error('inner') }), {
    code: 'E_DB',
    port: 5432,
  })
  const { message, stack } = describeError(error)
  assert.equal(message, 'outer')
  for (const part of [
    'TypeError: outer',
    'describe-error.test.ts:',
    '[cause]: Error: inner',
    "code: 'E_DB'",
    'port: 5432',
  ])
    assert.ok(stack.includes(part), part)
})

test('a thrown value that is not an Error is described, with a note that it has no stack', () => {
  for (const [thrown, message] of [
    ['just text', 'just text'],
    [undefined, 'undefined'],
    [null, 'null'],
    [7n, '7n'],
    [Symbol('s'), 'Symbol(s)'],
    [{ status: 500 }, '{ status: 500 }'],
  ] as const) {
    assert.deepEqual(describeError(thrown), { message, stack: `thrown without a stack: ${message}` })
  }
})

test('an object that cannot be converted to a string or inspected is still described', () => {
  const hostile = new Error('x')
  Object.defineProperty(hostile, 'message', {
    get() {
      throw new Error('not for you')
    },
  })
  const inspected = { [Symbol.for('nodejs.util.inspect.custom')]: () => assert.fail('no') }
  const silent = Object.assign(new Error('x'), { message: Object.create(null) as string })
  for (const thrown of [
    Object.create(null),
    hostile,
    inspected,
    silent,
    new Proxy({}, { get: () => assert.fail('no') }),
  ]) {
    const { message, stack } = describeError(thrown)
    assert.ok(message.length > 0 && stack.length > 0)
  }
})
