// The protocol of a worker's log pipe: whole lines arrive whole, however the pipe cuts them and whatever else
// is written to it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogName } from '../../../../src/logging/log-names.ts'
import { encodeFrame, FrameBuilder, FrameReader, longestFrame } from '../../../../src/logging/pipe/frame.ts'

interface Read {
  readonly records: (readonly [LogName, string])[]
  readonly garbage: number[]
}

/** What a reader hands on of these chunks. */
function read(chunks: readonly Buffer[], { end = true } = {}): Read {
  const result: Read = { records: [], garbage: [] }
  const reader = new FrameReader({
    onRecords: (channel, lines) => result.records.push([channel, lines.toString()]),
    onGarbage: (bytes) => result.garbage.push(bytes),
  })
  for (const chunk of chunks) reader.push(chunk)
  if (end) reader.end()
  return result
}

function frame(channel: LogName, line: string): Buffer {
  return encodeFrame(channel, line) ?? assert.fail('too long')
}

const sent = [
  ['access', 'GET /\n'],
  ['error', 'größer: 日本\n'],
  ['app', 'one\ntwo\n'],
] as const
const stream = Buffer.concat(sent.map(([channel, line]) => frame(channel, line)))

test('frames of several logs arrive whole and in order, wherever the pipe cuts them', () => {
  for (let cut = 0; cut <= stream.length; cut += 1)
    assert.deepEqual(read([stream.subarray(0, cut), stream.subarray(cut)]).records, sent, `cut at ${cut}`)
  assert.deepEqual(read([...stream].map((byte) => Buffer.of(byte))).records, sent, 'a byte at a time')
  assert.deepEqual(read([stream]).garbage, [])
})

test('what has gathered is one frame, in the order of the lines', () => {
  const builder = new FrameBuilder('error')
  assert.ok(builder.append('ä\n') && builder.append('b\n'))
  assert.equal(builder.lines, 2)
  assert.deepEqual(read([Buffer.from(builder.take())]).records, [['error', 'ä\nb\n']])
  assert.equal(builder.lines, 0)
  assert.ok(builder.append('c\n'))
  assert.deepEqual(
    read([Buffer.from(builder.take())]).records,
    [['error', 'c\n']],
    'the buffer is used again',
  )
})

test('a builder refuses a line that might not fit, and what it took before is not harmed', () => {
  const builder = new FrameBuilder('app')
  let [taken, text] = [0, '']
  while (builder.append(`${'€'.repeat(1000)}${taken}\n`)) text += `${'€'.repeat(1000)}${taken++}\n`
  assert.ok(taken >= 10, `only ${taken} lines fit`)
  assert.deepEqual(read([builder.take()]).records, [['app', text]])
})

test('a frame that its worker could not finish gives the lines that are whole', () => {
  const whole = frame('access', 'first\nsecond\nthird\n')
  assert.deepEqual(read([whole.subarray(0, -3)]).records, [['access', 'first\nsecond\n']])
  assert.deepEqual(read([whole.subarray(0, 10)]).records, [], 'not even one line')
  assert.deepEqual(read([whole.subarray(0, 3)]).records, [], 'not even a header')
})

test('what an app writes to the descriptor is skipped and told, and no frame around it is lost', () => {
  for (const garbage of ['hello\n', '\u0000'.repeat(100), 'x', 'ÿþõ', '\n'.repeat(7)]) {
    const bytes = Buffer.from(garbage, 'latin1')
    const { records, garbage: told } = read([stream, bytes, stream])
    assert.deepEqual(records, [...sent, ...sent], JSON.stringify(garbage))
    assert.equal(
      told.reduce((sum, count) => sum + count, 0),
      bytes.length,
    )
  }
})

test('garbage in any cut is skipped, also a mark that no frame follows', () => {
  const mixed = Buffer.concat([Buffer.from([0xff, 0xfe, 0xf5, 9, 1, 0, 0, 0, 0xff, 0xfe]), stream])
  for (let cut = 0; cut <= mixed.length; cut += 1)
    assert.deepEqual(read([mixed.subarray(0, cut), mixed.subarray(cut)]).records, sent, `cut at ${cut}`)
})

test('a length that no worker sends does not make the master wait for it, nor its memory grow', () => {
  for (const size of [longestFrame + 1, 0xffffffff, 0]) {
    const absurd = frame('app', 'x\n')
    absurd.writeUInt32LE(size, 4)
    assert.deepEqual(read([absurd, stream], { end: false }).records, sent, `length ${size}`)
  }
})

test('a log that nobody knows is skipped', () => {
  const unknown = frame('app', 'x\n')
  unknown.writeUInt8(17, 3)
  assert.deepEqual(read([unknown, stream]), { records: sent, garbage: [unknown.length] })
})

test('a log gets whole lines only, even if something was written into the middle of a frame', () => {
  const broken = frame('access', 'GET /first\nGET /second\n')
  const { records } = read([broken.subarray(0, 15), Buffer.from('BOOM'), broken.subarray(15), stream])
  assert.ok(records.every(([, lines]) => lines.endsWith('\n')))
  assert.deepEqual(records.slice(-3), sent)
})

test('a line that is too long for any frame is refused', () => {
  assert.equal(encodeFrame('app', 'x'.repeat(longestFrame + 1)), undefined)
  assert.equal(read([frame('app', `${'x'.repeat(longestFrame - 1)}\n`)]).records.length, 1)
})
