// The queue of a destination: records are returned in order, and never split.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countLines, LineQueue, pieceBytes } from '../../../../src/logging/files/line-queue.ts'

function takeAll(queue: LineQueue, room?: number): string[] {
  const pieces: string[] = []
  while (queue.bytes > 0) pieces.push(queue.take(room).toString())
  return pieces
}

test('pushed records are returned in order, in pieces of a limited size', () => {
  const queue = new LineQueue()
  const lines = Array.from({ length: 30_000 }, (_, number) => `line ${number} ${'x'.repeat(number % 50)}\n`)
  for (const line of lines) queue.push(Buffer.from(line))
  assert.equal(queue.bytes, lines.join('').length)
  assert.equal(queue.countLines(), 30_000)
  const pieces = takeAll(queue)
  assert.equal(pieces.join(''), lines.join(''))
  assert.ok(pieces.length > 1 && pieces.every((piece) => piece.length <= pieceBytes && piece.endsWith('\n')))
})

test('a chunk larger than a piece stays whole, in its order', () => {
  const queue = new LineQueue()
  const large = `${'x'.repeat(pieceBytes * 3)}\n`
  for (const text of ['before\n', large, 'after\n']) queue.push(Buffer.from(text))
  assert.deepEqual(takeAll(queue), ['before\n', large, 'after\n'])
})

test('a piece that was taken does not change when more is pushed', () => {
  const queue = new LineQueue()
  queue.push(Buffer.from('one\n'))
  const piece = queue.take()
  queue.push(Buffer.from('two\n'))
  queue.push(Buffer.from('three\n'))
  assert.equal(piece.toString(), 'one\n')
  assert.equal(queue.take().toString(), 'two\nthree\n')
})

test('a piece ends with the record that fills the room, and a record is never split', () => {
  const queue = new LineQueue()
  queue.push(Buffer.from('aaaa\nbbbb\ncccc\ndddd\n'))
  assert.equal(queue.take(3).toString(), 'aaaa\n')
  assert.equal(queue.take(6).toString(), 'bbbb\ncccc\n')
  queue.push(Buffer.from('eeee\n'))
  assert.equal(queue.take(5).toString(), 'dddd\n')
  assert.equal(queue.take(0).toString(), 'eeee\n')
  assert.equal(queue.bytes, 0)
})

test('the lines of one record of the text format stay together', () => {
  const queue = new LineQueue()
  const record = '[time] [1] [ERROR] it failed\n    Error: x\n        at y\n'
  queue.push(Buffer.from(`${record}${record}[time] last\n`))
  assert.deepEqual(takeAll(queue, 5), [record, record, '[time] last\n'])
})

test('records that are put back come first', () => {
  const queue = new LineQueue()
  queue.push(Buffer.from('one\ntwo\n'))
  const piece = queue.take()
  queue.push(Buffer.from('three\n'))
  queue.putBack(piece.subarray(4))
  queue.push(Buffer.from('four\n'))
  assert.equal(takeAll(queue).join(''), 'two\nthree\nfour\n')
})

test('any sequence of push and take keeps the bytes in order', () => {
  const queue = new LineQueue()
  let [seed, expected, found] = [42, '', '']
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below
  for (let step = 0; step < 5000; step += 1) {
    const line = `${step}${'x'.repeat(random(300))}\n`.repeat(1 + random(3))
    queue.push(Buffer.from(line))
    expected += line
    if (random(4) === 0) found += queue.take(random(2000)).toString()
    if (random(7) === 0) {
      const piece = queue.take()
      const cut = piece.lastIndexOf('\n', random(piece.length + 1)) + 1
      found += piece.subarray(0, cut).toString()
      queue.putBack(piece.subarray(cut))
    }
    assert.equal(queue.bytes, expected.length - found.length)
  }
  assert.equal(found + takeAll(queue).join(''), expected)
})

test('many small chunks need little more memory than their bytes', () => {
  const queue = new LineQueue()
  const before = process.memoryUsage()
  for (let number = 0; number < 80_000; number += 1) queue.push(Buffer.from(`${'x'.repeat(99)}\n`))
  const after = process.memoryUsage()
  const held = after.arrayBuffers - before.arrayBuffers
  assert.ok(queue.bytes === 8_000_000 && held < 12_000_000, `${held}`)
})

test('lines are counted by their newlines', () => {
  assert.equal(countLines(Buffer.from('')), 0)
  assert.equal(countLines(Buffer.from('a\n\nb\nc')), 3)
})
