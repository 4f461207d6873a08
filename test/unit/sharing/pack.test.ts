// What preload() returns comes out in another process as it was: packed, written, and read again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { mappedFrom } from '../../../src/sharing/layout.ts'
import { pack } from '../../../src/sharing/pack.ts'
import { SharedFile } from '../../../src/sharing/shared-file.ts'
import { NotShareableError } from '../../../src/sharing/survey.ts'
import { unpack } from '../../../src/sharing/unpack.ts'

/** The value after its way through memory, with what was packed. */
function roundTrip(value: unknown, files: readonly SharedFile[] = []): unknown {
  const { size, pieces, table } = pack(value, (file) => files.indexOf(file))
  const memory = new Uint8Array(size)
  for (const { offset, bytes } of pieces) memory.set(bytes, offset)
  const entries = files.map(({ path, size: length }) => ({ fd: 0, path, size: length }))
  return unpack(
    { module: '/srv/app.js', by: 'mapped', inherited: [], data: { fd: 0, size, table }, files: entries },
    {
      buffer: ({ offset, length }) => memory.slice(offset, offset + length).buffer,
      file: (nr) => Buffer.from(`file ${nr}`),
    },
  )
}

const large = mappedFrom

test('plain data of all kinds comes out as a structured clone of it', () => {
  const cycle: Record<string, unknown> = { name: 'cycle' }
  cycle['self'] = cycle
  const sparse: unknown[] = []
  sparse[7] = { seven: 7 }
  const value = {
    text: 'ünïcode',
    numbers: [1, -0, Number.NaN, 2n ** 70n, null, undefined, true],
    date: new Date(5),
    pattern: /x+/giu,
    map: new Map<unknown, unknown>([[{ key: 1 }, new Set([1, [2]])]]),
    boxed: Object(5) as unknown,
    sparse,
    cycle,
  }
  assert.deepEqual(roundTrip(value), structuredClone(value))
})

test('a value that is no object, and none at all, are values too', () => {
  for (const value of [undefined, null, 0, 'text', 5n]) assert.equal(roundTrip(value), value)
})

test('an error keeps its name, message and stack', () => {
  const error = new TypeError('wrong')
  const out = roundTrip({ error }) as { error: Error }
  assert.equal(out.error.name, 'TypeError')
  assert.equal(out.error.message, 'wrong')
  assert.equal(out.error.stack, error.stack)
})

test('an object without a prototype and one of another realm are plain', () => {
  const bare = Object.assign(Object.create(null) as object, { a: 1 })
  const foreign: unknown = runInNewContext('({ list: [1], map: new Map([[1, 2]]), set: new Set([3]) })')
  assert.deepEqual(roundTrip([bare]), [{ a: 1 }])
  assert.deepEqual(roundTrip(foreign), { list: [1], map: new Map([[1, 2]]), set: new Set([3]) })
})

const views = {
  Buffer: (buffer: ArrayBuffer, offset: number) => Buffer.from(buffer, offset, 16),
  DataView: (buffer: ArrayBuffer, offset: number) => new DataView(buffer, offset, 16),
  Uint8Array: (buffer: ArrayBuffer, offset: number) => new Uint8Array(buffer, offset, 16),
  Int8Array: (buffer: ArrayBuffer, offset: number) => new Int8Array(buffer, offset, 16),
  Uint8ClampedArray: (buffer: ArrayBuffer, offset: number) => new Uint8ClampedArray(buffer, offset, 16),
  Int16Array: (buffer: ArrayBuffer, offset: number) => new Int16Array(buffer, offset, 8),
  Uint16Array: (buffer: ArrayBuffer, offset: number) => new Uint16Array(buffer, offset, 8),
  Int32Array: (buffer: ArrayBuffer, offset: number) => new Int32Array(buffer, offset, 4),
  Uint32Array: (buffer: ArrayBuffer, offset: number) => new Uint32Array(buffer, offset, 4),
  Float32Array: (buffer: ArrayBuffer, offset: number) => new Float32Array(buffer, offset, 4),
  Float64Array: (buffer: ArrayBuffer, offset: number) => new Float64Array(buffer, offset, 2),
  BigInt64Array: (buffer: ArrayBuffer, offset: number) => new BigInt64Array(buffer, offset, 2),
  BigUint64Array: (buffer: ArrayBuffer, offset: number) => new BigUint64Array(buffer, offset, 2),
}

for (const [name, make] of Object.entries(views))
  for (const size of [64, large + 8])
    test(`a ${name} of ${size} bytes keeps its kind, offset and length`, () => {
      const buffer = Uint8Array.from({ length: size }, (_, index) => index % 251).buffer
      const view = make(buffer, 8)
      const out = roundTrip({ view }) as { view: ArrayBufferView }
      assert.equal(out.view.constructor.name, name)
      assert.equal(out.view.byteOffset, 8)
      assert.equal(out.view.buffer.byteLength, size)
      assert.deepEqual(out.view, view)
    })

test('views of one buffer, and the buffer itself, share it again, large or small', () => {
  for (const size of [128, 4 * large]) {
    const buffer = new ArrayBuffer(size)
    const value = {
      words: new Uint16Array(buffer, 2, 8),
      deep: [new Map([['x', Buffer.from(buffer)]])],
      buffer,
    }
    const out = roundTrip(value) as typeof value
    out.words[0] = 0x0101
    assert.equal(out.deep[0]?.get('x')?.[2], 1)
    assert.equal(out.words.buffer, out.buffer)
    assert.equal(out.buffer.byteLength, size)
  }
})

test('the same view twice is one view', () => {
  const view = new Float32Array(large)
  const out = roundTrip([view, view]) as (typeof view)[]
  assert.equal(out[0], out[1])
})

test('buffers that are empty stay empty', () => {
  const out = roundTrip([Buffer.alloc(0), new ArrayBuffer(0), new Float64Array(0)]) as ArrayBuffer[]
  assert.deepEqual(
    out.map(({ byteLength }) => byteLength),
    [0, 0, 0],
  )
})

test('of buffers in the pool of Node.js only their own bytes are taken', () => {
  const pooled = Array.from({ length: 100 }, (_, index) => Buffer.from(`buffer ${index}`))
  const { size } = pack(pooled, () => 0)
  assert.deepEqual(roundTrip(pooled), pooled)
  assert.ok(size < 20_000, `${size} bytes`)
  const { pieces } = pack([Buffer.from('mine'), Buffer.from('also')], () => 0)
  assert.deepEqual(
    pieces.slice(0, 2).map(({ bytes }) => bytes.byteLength),
    [4, 4],
  )
})

test('large buffers begin on a page, and none overlaps another part', () => {
  const value = [Buffer.alloc(10), Buffer.alloc(large + 1), new Uint8Array(3), new Float64Array(large)]
  const { pieces, size } = pack(value, () => 0)
  for (const { offset, bytes } of pieces) if (bytes.byteLength >= large) assert.equal(offset % 4096, 0)
  const sorted = [...pieces].sort((one, other) => one.offset - other.offset)
  for (const [index, { offset, bytes }] of sorted.entries())
    assert.ok(offset + bytes.byteLength <= (sorted[index + 1]?.offset ?? size))
})

test('a SharedFile comes out as one, wherever it was', () => {
  const file = (nr: number): SharedFile =>
    new SharedFile({ path: `/proc/self/fd/${nr}`, size: nr, bytes: () => Buffer.alloc(nr) })
  const [first, second] = [file(7), file(8)]
  const shared = { model: first }
  const value = {
    shared,
    again: shared,
    list: [first, { second }],
    map: new Map<unknown, unknown>([
      ['a', second],
      [{ key: first }, new Set([{ inSet: second }])],
    ]),
  }
  const out = roundTrip(value, [first, second]) as typeof value
  assert.equal(out.shared.model.path, '/proc/self/fd/7')
  assert.equal(out.again, out.shared)
  assert.equal(out.list[0]?.constructor, SharedFile)
  const [a, b] = [...out.map]
  assert.equal((a?.[1] as SharedFile).size, 8)
  assert.equal((b?.[0] as { key: SharedFile }).key.bytes().toString(), 'file 0')
  assert.equal([...(b?.[1] as Set<{ inSet: SharedFile }>)][0]?.inSet.path, '/proc/self/fd/8')
  assert.equal((roundTrip(second, [first, second]) as SharedFile).path, '/proc/self/fd/8')
})

class Index {
  readonly size = 1
}
class Rows extends Array<number> {}
class Floats extends Float32Array {}

const refused: Readonly<Record<string, readonly [value: unknown, problem: string]>> = {
  'a function': [{ index: { cache: [0, 1, 2, () => 1] } }, 'preload().index.cache[3]: function'],
  'a symbol': [[Symbol('x')], 'preload()[0]: symbol'],
  'a function itself': [() => 1, 'preload(): function'],
  'a promise': [{ model: Promise.resolve(1) }, 'preload().model: a Promise (is an `await` missing?)'],
  'a class instance': [
    new Map([['big one', new Index()]]),
    'preload().get("big one"): an instance of Index, which would lose its methods; return its data',
  ],
  'an instance of a class of arrays': [
    { 'my rows': new Rows() },
    'preload()["my rows"]: an instance of Rows, which would lose its methods; return its data',
  ],
  'an instance of a class of typed arrays': [
    new Set([new Floats(1)]),
    'preload() (element 0 of the Set): an instance of Floats, which would lose its methods; return its data',
  ],
  'a WeakMap as a key': [new Map([[new WeakMap(), 1]]), 'preload() (key 0 of the Map): a WeakMap'],
  'a Proxy': [[new Proxy({}, {})], 'preload()[0]: a Proxy'],
  'a URL': [
    [new URL('http://a/')],
    'preload()[0]: an instance of URL, which would lose its methods; return its data',
  ],
  'a SharedArrayBuffer below a view': [
    [new Uint8Array(new SharedArrayBuffer(8))],
    'preload()[0]: a SharedArrayBuffer: no process would see what another one writes; use an ArrayBuffer',
  ],
  'a resizable buffer': [
    [Reflect.construct(ArrayBuffer, [8, { maxByteLength: 16 }])],
    'preload()[0]: a resizable ArrayBuffer; use its slice()',
  ],
  'a SharedFile in a Set': [
    new Set([new SharedFile({ path: '', size: 0, bytes: () => Buffer.alloc(0) })]),
    'preload() (element 0 of the Set): a SharedFile; put it into an object, an array or a Map',
  ],
}

for (const [name, [value, problem]] of Object.entries(refused))
  test(`${name} is refused with its place`, () => {
    assert.throws(
      () => pack(value, () => 0),
      (error) => error instanceof NotShareableError && error.message === `it cannot be shared: ${problem}`,
    )
  })

test('five places are named, and no more', () => {
  const value = Array.from({ length: 9 }, () => () => 1)
  assert.throws(() => pack(value, () => 0), {
    message: `it cannot be shared: ${[0, 1, 2, 3, 4].map((nr) => `preload()[${nr}]: function`).join('; ')}`,
  })
})

test('what only V8 refuses is an error too: a further property of an array', () => {
  const value = Object.assign([1], { helper: () => 1 })
  assert.throws(() => pack(value, () => 0), NotShareableError)
})

test('a long chain of objects needs no deep stack in the survey, and V8 says when it is too long for it', () => {
  let chain: object | null = null
  for (let index = 0; index < 100_000; index += 1) chain = { next: chain }
  assert.throws(() => pack(chain, () => 0), { name: 'NotShareableError', message: /call stack/ })
})
