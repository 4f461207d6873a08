// Data as bytes and back: as a structured clone, whichever way it takes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '../../../../src/bus/model/limits.ts'
import { decode, decodeThrown, encode, encodeThrown } from '../../../../src/bus/wire/payload.ts'
import { isPlain } from '../../../../src/bus/wire/plain.ts'

const isJson = (value: unknown): boolean => encode(value)[0] !== 0xff

test('what JSON carries exactly is JSON', () => {
  const values = [
    'text',
    '',
    'zoë \u2028 \ud800',
    0,
    -1.5,
    1e300,
    true,
    null,
    {},
    [],
    { a: [1, { b: null }], c: 'x' },
    [[[]]],
    JSON.parse('{"__proto__":{"x":1}}') as unknown,
  ]
  for (const value of values) {
    assert.ok(isJson(value), JSON.stringify(value))
    assert.deepEqual(decode(encode(value)), value)
  }
})

test('all else is a clone of V8, with what JSON would lose', () => {
  const twice = { x: 1 }
  const circle: Record<string, unknown> = { name: 'circle' }
  circle['self'] = circle
  const values: readonly unknown[] = [
    undefined,
    { a: undefined },
    Number.NaN,
    Infinity,
    -0,
    { deep: [-0] },
    10n,
    new Date(7),
    /x/g,
    new Map([[{ a: 1 }, 'b']]),
    new Set([1]),
    new Uint16Array([1, 2]),
    new Error('e'),
    [1, , 3],
    Object.assign([1], { extra: 2 }),
    { twice, again: twice },
    Array.from({ length: 100 }, (_, index) => index),
  ]
  for (const value of values) {
    assert.ok(!isJson(value), String(value))
    assert.deepEqual(decode(encode(value)), structuredClone(value))
  }
  const copy = decode(encode(circle)) as typeof circle
  assert.equal(copy['self'], copy)
  const both = decode(encode({ twice, again: twice })) as { twice: unknown; again: unknown }
  assert.equal(both.twice, both.again)
  assert.ok(Buffer.isBuffer(decode(encode(Buffer.from('x')))))
})

test('an object with toJSON is not JSON, nor is an instance of a class', () => {
  assert.equal(isPlain({ toJSON: () => 1 }), false)
  class Money {
    readonly amount = 5
  }
  assert.ok(!isJson(new Money()))
  assert.deepEqual(decode(encode(new Money())), { amount: 5 })
})

test('each reader gets a copy of its own, also of the bytes', () => {
  const bytes = encode({ part: Buffer.from('abc') })
  const [one, other] = [decode(bytes), decode(bytes)] as { part: Buffer }[]
  one?.part.fill(0)
  assert.equal(other?.part.toString(), 'abc')
})

test('what cannot be cloned is named with its place, and what is too large with its size', () => {
  assert.throws(() => encode({ list: [1, () => 1] }), {
    name: 'TypeError',
    message: 'data.list[1] is a function, which cannot be sent',
  })
  assert.throws(() => encode(new Response('x')), /data is a Response, which cannot be sent: send/)
  assert.throws(() => encode('x'.repeat(limits.message)), { name: 'RangeError', message: /at most 1048576/ })
  encode('x'.repeat(limits.message - 2))
})

test('an error crosses with name, message, code and cause', () => {
  const thrown = Object.assign(new RangeError('too far', { cause: new Error('inner') }), { code: 'EFAR' })
  const error = decodeThrown(encodeThrown(thrown)) as Error & { code: string }
  assert.ok(error instanceof Error)
  assert.deepEqual(
    [error.name, error.message, error.code, (error.cause as Error).message],
    ['RangeError', 'too far', 'EFAR', 'inner'],
  )
  assert.equal(decodeThrown(encodeThrown('just text')), 'just text')
  const large = decodeThrown(encodeThrown(Object.assign(new Error('x'), { data: 'y'.repeat(2_000_000) })))
  assert.match(String(large), /too large to send/)
})

test('bytes of another program are read if they are JSON, and an error otherwise', () => {
  assert.deepEqual(decode(Buffer.from('{ "from": "python" }')), { from: 'python' })
  assert.throws(() => decode(Buffer.from('no json')), SyntaxError)
  assert.throws(() => decode(Buffer.from([0xff, 0x0f, 0x99])))
})
