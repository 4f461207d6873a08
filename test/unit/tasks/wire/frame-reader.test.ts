// Frames that arrive in any pieces, and what is no frame.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FrameReader } from '../../../../src/tasks/wire/frame-reader.ts'
import { BadFrame, headSize, largestFrame, writeHead, type Frame } from '../../../../src/tasks/wire/frame.ts'
import {
  markAlone,
  readBegin,
  readError,
  readRefused,
  readRequest,
  readValue,
  writeBegin,
  writeError,
  writeRefused,
  writeRequest,
  writeValue,
} from '../../../../src/tasks/wire/messages.ts'
import { bytesOf, readPieces, readWhole } from './frames.ts'

const request = { sentAt: 12.5, id: 'r-1', chain: ['outer'] }
const inputs = [
  { text: 'x'.repeat(500) },
  new Float64Array(20_000).fill(1.5),
  Buffer.alloc(70_000, 'z'),
  undefined,
]
const stream = Buffer.concat(inputs.flatMap((input) => [bytesOf(writeRequest(request, input))]))

function check(frames: readonly Frame[]): void {
  const received = frames.map((frame) => readRequest(frame))
  assert.deepStrictEqual(
    received.map(({ input }) => input()),
    inputs,
  )
  for (const { sentAt, id, chain, isAlone } of received)
    assert.deepEqual({ sentAt, id, chain, isAlone }, { ...request, isAlone: false })
}

test('frames arrive whole, byte by byte, and cut anywhere', () => {
  check(readWhole(stream))
  check(readPieces(stream, () => 7))
  let seed = 1
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647)
  for (let round = 0; round < 50; round += 1)
    check(readPieces(stream, () => random() % (round % 2 === 0 ? 100 : 70_000)))
})

test('a request can be marked to be run alone', () => {
  const outgoing = writeRequest(request, 'x')
  markAlone(outgoing)
  const [frame] = readWhole(bytesOf(outgoing))
  assert.equal(frame && readRequest(frame).isAlone, true)
})

test('a socket may read into the room of the reader', () => {
  const frames: Frame[] = []
  const reader = new FrameReader((frame) => void frames.push(frame))
  for (let at = 0; at < stream.length;) {
    const room = reader.room
    assert.ok(room.length > 0)
    const bytes = Math.min(room.length, 50_000, stream.length - at)
    room.set(stream.subarray(at, at + bytes))
    reader.advance(bytes)
    at += bytes
  }
  check(frames)
  assert.equal(reader.isBetween, false)
})

test('a reader that is stopped within a frame reads no other', () => {
  const frames: Frame[] = []
  const reader: FrameReader = new FrameReader((frame) => {
    frames.push(frame)
    reader.stop()
  })
  reader.push(
    Buffer.concat([bytesOf(writeBegin({ startedAt: 1, batch: 1 })), stream, Buffer.from('garbage')]),
  )
  assert.equal(frames.length, 1)
})

test('each kind of message keeps its fields', () => {
  const [begin, refused, error] = [
    writeBegin({ startedAt: 3.25, batch: 7 }),
    writeRefused('busy'),
    writeError('TASK_TIMEOUT', new Error('late')),
  ].map((outgoing) => readWhole(bytesOf(outgoing))[0])
  assert.ok(begin && refused && error)
  assert.deepEqual([begin.kind, refused.kind, error.kind], ['begin', 'refused', 'error'])
  assert.deepEqual(readBegin(begin), { startedAt: 3.25, batch: 7 })
  assert.equal(readRefused(refused), 'busy')
  assert.deepEqual([readError(error).code, readError(error).error.message], ['TASK_TIMEOUT', 'late'])
})

function headed(value: number, chunks: number, kind: 'request' | 'result' = 'result'): Buffer {
  const head = Buffer.alloc(headSize)
  writeHead(head, { kind, flags: 0, value, chunks })
  return head
}

function changed(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = value
  return copy
}

const table = Buffer.alloc(8)
table.writeUInt32LE(2 ** 31 - 5, 4)
const hostile: Readonly<Record<string, Buffer>> = {
  'an HTTP request': Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
  'another version': changed(headed(1, 0), 1, 9),
  'an unknown kind': changed(headed(1, 0), 2, 77),
  'too many chunks': headed(1e6, 1e6),
  'a table that is longer than the value': headed(3, 1),
  'a value over the limit': headed(largestFrame + 1, 0),
  'chunks over the limit': Buffer.concat([headed(8, 1), table]),
  'a chunk of no bytes': Buffer.concat([headed(4, 1), Buffer.alloc(4)]),
}

for (const [what, bytes] of Object.entries(hostile))
  test(`${what} is a bad frame, in one piece and in many`, () => {
    assert.throws(() => readWhole(bytes), BadFrame)
    assert.throws(() => readPieces(bytes, () => 1), BadFrame)
  })

test('a value that was damaged is a bad frame or another value, never anything else', () => {
  const good = bytesOf(
    writeRequest(request, { a: [1, 'two', new Uint16Array([1, 2])], b: Buffer.alloc(70_000) }),
  )
  const outcomes = [0, 1, 0x41, 0x5c, 0xff].flatMap((value) =>
    Array.from({ length: 200 }, (_, at) => attempt(changed(good, at, value))),
  )
  assert.ok(outcomes.filter((error) => error !== undefined).length > 100)
  for (const error of outcomes) assert.ok(error === undefined || error instanceof BadFrame, String(error))
})

function attempt(bytes: Buffer): unknown {
  try {
    const [frame] = readWhole(bytes)
    if (frame) readRequest(frame).input()
    return undefined
  } catch (error) {
    return error
  }
}

test('an empty value of each kind is a bad frame', () => {
  const [frame] = readWhole(headed(0, 0))
  assert.ok(frame)
  for (const read of [readBegin, readError, readRefused, readRequest, readValue])
    assert.throws(() => read(frame), BadFrame)
})

test('fields of the wrong types are a bad frame', () => {
  const [frame] = readWhole(bytesOf(writeValue('result', { no: 'error' }, 'output')))
  assert.ok(frame)
  for (const read of [readError, readRefused, readRequest]) assert.throws(() => read(frame), BadFrame)
  const [begin] = readWhole(bytesOf(writeBegin({ startedAt: NaN, batch: 1 })))
  assert.ok(begin)
  assert.throws(() => readBegin(begin), BadFrame)
})
