// Frames of a stream, wherever its chunks begin and end.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '../../../../src/bus/model/limits.ts'
import {
  connectionAt,
  idAt,
  kindAt,
  kinds,
  payloadOf,
  sizeOf,
  topicAt,
  writeFrame,
  type Outgoing,
} from '../../../../src/bus/wire/frame.ts'
import { BadFrame, FrameSplitter } from '../../../../src/bus/wire/frame-splitter.ts'

function frame(id: number, topic: string, payload: string): Buffer {
  const outgoing: Outgoing = {
    head: { kind: kinds.request, id, connection: 2 ** 47 + id },
    topic: Buffer.from(topic),
    payload: Buffer.from(payload),
  }
  const bytes = Buffer.alloc(sizeOf(outgoing))
  writeFrame(bytes, 0, outgoing)
  return bytes
}

const stream = Buffer.concat([
  frame(1, 'orders.paid', 'one'),
  frame(2, 'größe', ''),
  frame(4_294_967_295, '', 'x'.repeat(300)),
  frame(4, 't', 'four'),
])

function read(chunks: readonly Buffer[]): unknown[] {
  const found: unknown[] = []
  const splitter = new FrameSplitter((bytes, start, end) => {
    found.push([
      kindAt(bytes, start),
      idAt(bytes, start),
      connectionAt(bytes, start) - 2 ** 47,
      topicAt(bytes, start),
      payloadOf(bytes, start, end).toString(),
    ])
  })
  for (const chunk of chunks) splitter.push(Buffer.from(chunk))
  return found
}

const expected = [
  [kinds.request, 1, 1, 'orders.paid', 'one'],
  [kinds.request, 2, 2, 'größe', ''],
  [kinds.request, 4_294_967_295, 4_294_967_295, '', 'x'.repeat(300)],
  [kinds.request, 4, 4, 't', 'four'],
]

test('frames are found whatever the size of the chunks', () => {
  for (let size = 1; size <= stream.length; size += 1) {
    const chunks: Buffer[] = []
    for (let at = 0; at < stream.length; at += size) chunks.push(stream.subarray(at, at + size))
    assert.deepEqual(read(chunks), expected, `chunks of ${size}`)
  }
})

test('frames are found wherever the stream is cut in three', () => {
  for (let one = 1; one < 120; one += 1)
    for (let two = one; two < 120; two += 7)
      assert.deepEqual(
        read([stream.subarray(0, one), stream.subarray(one, two), stream.subarray(two)]),
        expected,
      )
})

test('what no tsgun sends is refused before memory is taken for it', () => {
  const bad = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = frame(1, 'topic', 'payload')
    change(bytes)
    return bytes
  }
  const wrong = [
    bad((bytes) => bytes.writeUInt32LE(2 ** 32 - 1)),
    bad((bytes) => bytes.writeUInt32LE(limits.message + limits.topic + 100)),
    bad((bytes) => bytes.writeUInt32LE(0)),
    bad((bytes) => bytes.writeUInt8(200, 5)),
  ]
  for (const bytes of wrong) {
    assert.throws(() => read([bytes]), BadFrame)
    assert.throws(() => read([bytes.subarray(0, 3), bytes.subarray(3)]), BadFrame)
  }
  const largest = frame(1, 'x'.repeat(limits.topic), 'y'.repeat(limits.message))
  assert.equal(read([largest]).length, 1)
})
