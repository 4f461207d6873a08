// The frames of a worker's log pipe: lines arrive whole, wherever the pipe splits them and whatever else is
// written to it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogName } from '../../../../src/logging/log-names.ts'
import { encodeFrame, FrameBuilder, FrameReader, longestFrame } from '../../../../src/logging/pipe/frame.ts'

interface Read {
  readonly records: (readonly [LogName, string])[]
  readonly garbage: number[]
}

/** Returns what a reader passes on for these chunks. */
function read(chunks: readonly Buffer[], { end = true } = {}): Read {
  const result: Read = { records: [], garbage: [] }
  const reader = new FrameReader({
    onRecords: (log, lines) => result.records.push([log, lines.toString()]),
    onGarbage: (bytes) => result.garbage.push(bytes),
  })
  for (const chunk of chunks) reader.push(chunk)
  if (end) reader.end()
  return result
}

function frame(log: LogName, line: string): Buffer {
  return encodeFrame(log, line) ?? assert.fail('too long')
}

const sent = [
  ['access', 'GET /\n'],
  ['error', 'größer: 日本\n'],
  ['app', 'one\ntwo\n'],
] as const
const stream = Buffer.concat(sent.map(([log, line]) => frame(log, line)))

test('frames of several logs arrive whole and in order, wherever the pipe splits them', () => {
  for (let cut = 0; cut <= stream.length; cut += 1)
    assert.deepEqual(read([stream.subarray(0, cut), stream.subarray(cut)]).records, sent, `cut at ${cut}`)
  assert.deepEqual(read([...stream].map((byte) => Buffer.of(byte))).records, sent, 'a byte at a time')
  assert.deepEqual(read([stream]).garbage, [])
})

test('gathered lines are one frame, in order', () => {
  const builder = new FrameBuilder('error')
  assert.ok(builder.append('ä\n') && builder.append('b\n'))
  assert.equal(builder.lines, 2)
  assert.deepEqual(read([Buffer.from(builder.take())]).records, [['error', 'ä\nb\n']])
  assert.equal(builder.lines, 0)
  assert.ok(builder.append('c\n'))
  assert.deepEqual(read([Buffer.from(builder.take())]).records, [['error', 'c\n']], 'the buffer is reused')
})

test('a builder refuses a line that may not fit, and keeps the lines before it', () => {
  const builder = new FrameBuilder('app')
  let [taken, text] = [0, '']
  while (builder.append(`${'€'.repeat(1000)}${taken}\n`)) text += `${'€'.repeat(1000)}${taken++}\n`
  assert.ok(taken >= 10, `only ${taken} lines fit`)
  assert.deepEqual(read([builder.take()]).records, [['app', text]])
})

test('an unfinished frame yields its whole lines', () => {
  const whole = frame('access', 'first\nsecond\nthird\n')
  assert.deepEqual(read([whole.subarray(0, -3)]).records, [['access', 'first\nsecond\n']])
  assert.deepEqual(read([whole.subarray(0, 10)]).records, [], 'not even one line')
  assert.deepEqual(read([whole.subarray(0, 3)]).records, [], 'not even a header')
})

test('bytes that an app writes to the descriptor are skipped and reported, and no frame is lost', () => {
  for (const garbage of ['hello\n', '\u0000'.repeat(100), 'x', 'ÿþõ', '\n'.repeat(7)]) {
    const bytes = Buffer.from(garbage, 'latin1')
    const { records, garbage: skipped } = read([stream, bytes, stream])
    assert.deepEqual(records, [...sent, ...sent], JSON.stringify(garbage))
    assert.equal(
      skipped.reduce((sum, count) => sum + count, 0),
      bytes.length,
    )
  }
})

test('other bytes are skipped wherever the pipe splits them, also a mark without a frame', () => {
  const mixed = Buffer.concat([Buffer.from([0xff, 0xfe, 0xf5, 9, 1, 0, 0, 0, 0xff, 0xfe]), stream])
  for (let cut = 0; cut <= mixed.length; cut += 1)
    assert.deepEqual(read([mixed.subarray(0, cut), mixed.subarray(cut)]).records, sent, `cut at ${cut}`)
})

test('an invalid length neither makes the master wait nor its memory grow', () => {
  for (const size of [longestFrame + 1, 0xffffffff, 0]) {
    const absurd = frame('app', 'x\n')
    absurd.writeUInt32LE(size, 4)
    assert.deepEqual(read([absurd, stream], { end: false }).records, sent, `length ${size}`)
  }
})

test('a frame of an unknown log is skipped', () => {
  const unknown = frame('app', 'x\n')
  unknown.writeUInt8(17, 3)
  assert.deepEqual(read([unknown, stream]), { records: sent, garbage: [unknown.length] })
})

test('a log gets whole lines only, even if an app wrote into the middle of a frame', () => {
  const broken = frame('access', 'GET /first\nGET /second\n')
  const { records } = read([broken.subarray(0, 15), Buffer.from('BOOM'), broken.subarray(15), stream])
  assert.ok(records.every(([, lines]) => lines.endsWith('\n')))
  assert.deepEqual(records.slice(-3), sent)
})

test('a line that is too long for any frame is refused', () => {
  assert.equal(encodeFrame('app', 'x'.repeat(longestFrame + 1)), undefined)
  assert.equal(read([frame('app', `${'x'.repeat(longestFrame - 1)}\n`)]).records.length, 1)
})
