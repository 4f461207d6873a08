// Values over the wire: structured clones, large buffers without a copy, and what cannot be sent.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { largeBuffer, ValueWriter } from '../../../../src/tasks/wire/value-writer.ts'
import { writeValue } from '../../../../src/tasks/wire/messages.ts'
import { bytesOf, readWhole, roundTrip } from './frames.ts'

const [small, large] = [100, largeBuffer]

function filled(bytes: number): ArrayBuffer {
  const buffer = new ArrayBuffer(bytes)
  new Uint8Array(buffer).forEach((_, index, all) => void (all[index] = index % 251))
  return buffer
}

const plain: readonly unknown[] = [
  undefined,
  null,
  true,
  -0,
  NaN,
  2n ** 70n,
  'häß ✓ 😀',
  ['a', , 3],
  { deep: [{ map: new Map([[1, new Set(['x'])]]) }], date: new Date(0), pattern: /a+/gi },
  new RangeError('wrong'),
]

test('plain values arrive as they are', () => {
  for (const value of plain) assert.deepStrictEqual(roundTrip(value), value)
})

const makers: readonly ((buffer: ArrayBuffer, at: number, bytes: number) => NodeJS.ArrayBufferView)[] = [
  (buffer, at, bytes) => new Uint8Array(buffer, at, bytes),
  (buffer, at, bytes) => new Uint8ClampedArray(buffer, at, bytes),
  (buffer, at, bytes) => new Int8Array(buffer, at, bytes),
  (buffer, at, bytes) => new Uint16Array(buffer, at, bytes / 2),
  (buffer, at, bytes) => new Int16Array(buffer, at, bytes / 2),
  (buffer, at, bytes) => new Uint32Array(buffer, at, bytes / 4),
  (buffer, at, bytes) => new Int32Array(buffer, at, bytes / 4),
  (buffer, at, bytes) => new Float32Array(buffer, at, bytes / 4),
  (buffer, at, bytes) => new Float64Array(buffer, at, bytes / 8),
  (buffer, at, bytes) => new BigInt64Array(buffer, at, bytes / 8),
  (buffer, at, bytes) => new BigUint64Array(buffer, at, bytes / 8),
  (buffer, at, bytes) => new DataView(buffer, at, bytes),
]

for (const bytes of [0, small * 8, large * 2])
  test(`views of ${bytes} bytes keep type, length and content, and are alone in their memory`, () => {
    for (const make of makers) {
      // in the middle of a larger buffer, at an offset that fits all types
      const value = make(filled(bytes + 32), 16, bytes)
      const received = roundTrip({ odd: 'x', value })
      assert.deepStrictEqual(received, { odd: 'x', value })
      const { byteOffset, buffer } = (received as { value: typeof value }).value
      assert.equal(byteOffset, 0)
      assert.equal(buffer.byteLength, bytes)
    }
  })

test('a Buffer stays a Buffer, of a pool too, and a subclass of a typed array becomes its base', () => {
  class Own extends Uint8Array {}
  for (const bytes of [small, large]) {
    const value = Buffer.alloc(bytes, 'ab')
    const received = roundTrip(value)
    assert.ok(Buffer.isBuffer(received) && received.equals(value))
    assert.deepStrictEqual(roundTrip(new Own(bytes)), new Uint8Array(bytes))
  }
  assert.equal(String(roundTrip(Buffer.from('of a pool'))), 'of a pool')
})

test('ArrayBuffers arrive, large ones without a copy where they are easy to find', () => {
  for (const bytes of [small, large]) {
    const value = filled(bytes)
    assert.deepStrictEqual(roundTrip({ pages: [{ value }] }), { pages: [{ value }] })
    assert.deepStrictEqual(roundTrip(new Map([['hidden', value]])), new Map([['hidden', value]]))
  }
  const value = filled(large)
  const { chunks } = writeValue('result', { pages: [{ value }, value] }, 'output')
  assert.deepEqual(
    chunks.map(({ buffer }) => buffer === value),
    [true],
  )
  const received = roundTrip([value, value]) as unknown[]
  assert.equal(received[0], received[1])
})

test('large views are neither copied into the frame nor out of it', () => {
  const value = new Float32Array(filled(large * 2), 8, large / 4)
  const outgoing = writeValue('result', { value, again: value }, 'output')
  assert.deepEqual(outgoing.chunks, [value])
  assert.equal(outgoing.chunks[0]?.buffer, value.buffer)
  assert.ok(outgoing.head.length < 200)
  const [frame] = readWhole(bytesOf(outgoing))
  assert.deepEqual(
    frame?.chunks.map(({ buffer, byteOffset }) => [buffer.byteLength, byteOffset]),
    [[large, 0]],
  )
  const received = roundTrip({ value, again: value }) as { value: unknown; again: unknown }
  assert.equal(received.value, received.again)
})

test('more large buffers than a frame may have are a part of the value', () => {
  const value = Array.from({ length: 1001 }, (_, index) => Buffer.alloc(large, index % 256))
  const { chunks } = writeValue('result', value, 'output')
  assert.equal(chunks.length, 1000)
  assert.deepStrictEqual(roundTrip(value), value)
})

test('a view of shared memory is sent as it is now', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(large)).fill(7)
  const outgoing = writeValue('result', shared, 'output')
  shared.fill(8)
  assert.equal(bytesOf(outgoing).at(-1), 7)
})

const refused: readonly (readonly [value: unknown, message: RegExp])[] = [
  [() => 1, /^input is a function, which cannot be sent$/],
  [{ cb: () => 1 }, /^input\.cb is a function/],
  [{ pages: [0, { 'on-done': Symbol('s') }] }, /^input\.pages\[1\]\["on-done"\] is a symbol/],
  [{ a: new Map([['k', { p: Promise.resolve() }]]) }, /^input\.a\.get\("k"\)\.p is an instance of Promise/],
  [new Set([new WeakMap()]), /^input\.values\(\) is an instance of WeakMap/],
  [{ proxy: new Proxy({}, {}) }, /^input\.proxy is a Proxy/],
  [{ shared: new SharedArrayBuffer(8) }, /^input\.shared is an instance of SharedArrayBuffer/],
  [new Blob(['x']), /^input is a Blob, which cannot be sent: send Buffer\.from/],
  [{ form: { file: new File(['x'], 'a') } }, /^input\.form\.file is a File/],
  [{ at: new URL('http://a') }, /^input\.at is a URL, .*url\.href/],
  [[new Request('http://a')], /^input\[0\] is a Request/],
  [{ headers: new Headers() }, /^input\.headers is a Headers/],
]

test('what cannot be sent is named with its path', () => {
  for (const [value, message] of refused)
    assert.throws(() => new ValueWriter().write(value, 'input'), { name: 'TypeError', message })
})

test('a getter that throws, throws', () => {
  const value = {
    get bad(): never {
      throw new Error('own')
    },
  }
  assert.throws(() => new ValueWriter().write(value, 'input'), /own/)
})

test('more bytes than a frame may have are refused before they are sent', () => {
  const part = Buffer.from(new ArrayBuffer(2 ** 30))
  assert.throws(
    () => writeValue('result', [part, part.subarray(), part.subarray()], 'output'),
    /^RangeError: \d+ bytes cannot be sent at once, at most 2147483647/,
  )
})
