// What waits in order, is sent together, and is bounded.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FrameQueue } from '../../../../src/bus/wire/frame-queue.ts'
import { headSize, idAt, kinds } from '../../../../src/bus/wire/frame.ts'
import { FrameSplitter } from '../../../../src/bus/wire/frame-splitter.ts'

const topic = Buffer.from('t')
const frameSize = headSize + topic.length + 10
const payload = Buffer.alloc(10)

/** The numbers of all frames, in the order in which they come out. */
function idsOf(queue: FrameQueue): number[] {
  const ids: number[] = []
  const splitter = new FrameSplitter((bytes, start) => void ids.push(idAt(bytes, start)))
  for (let block = queue.take(); block; block = queue.take()) splitter.push(block)
  return ids
}

function write(queue: FrameQueue, from: number, to: number): void {
  for (let id = from; id <= to; id += 1) queue.write({ kind: kinds.message, id }, topic, payload)
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

test('frames come out whole and in their order, small ones together', () => {
  const queue = new FrameQueue(1_000_000)
  write(queue, 1, 3)
  assert.equal(queue.size, 3 * frameSize)
  assert.equal(queue.take()?.length, 3 * frameSize)
  assert.equal(queue.take(), undefined)
  write(queue, 1, 10_000)
  assert.deepEqual(idsOf(queue), numbers(1, 10_000))
  assert.equal(queue.size, 0)
})

test('what was taken is not changed by what comes after', () => {
  const queue = new FrameQueue(1_000_000)
  write(queue, 1, 1)
  const first = queue.take() ?? assert.fail()
  const copy = Buffer.from(first)
  write(queue, 2, 2)
  const second = queue.take() ?? assert.fail()
  assert.deepEqual(first, copy)
  assert.equal(idAt(second, 0), 2)
})

test('beyond the limit the oldest frames are dropped, counted one by one', () => {
  let drops = 0
  const queue = new FrameQueue(5 * frameSize, () => (drops += 1))
  write(queue, 1, 8)
  assert.deepEqual([queue.size, queue.dropped, drops], [5 * frameSize, 3, 3])
  assert.deepEqual(idsOf(queue), [4, 5, 6, 7, 8])
})

test('a queue that is never read keeps its limit, also over many blocks', () => {
  const queue = new FrameQueue(300_000)
  write(queue, 1, 100_000)
  assert.ok(queue.size <= 300_000 && queue.size > 300_000 - frameSize)
  assert.equal(queue.dropped, 100_000 - queue.size / frameSize)
  assert.deepEqual(idsOf(queue), numbers(queue.dropped + 1, 100_000))
})

test('a frame over the limit is kept alone: one of the largest has a place in any queue', () => {
  const queue = new FrameQueue(100)
  write(queue, 1, 2)
  queue.write({ kind: kinds.message, id: 3 }, topic, Buffer.alloc(1000))
  assert.deepEqual([queue.dropped, idsOf(queue)], [2, [3]])
})

test('whole frames are copied in one piece, and taken one by one', () => {
  const source = new FrameQueue(1_000_000)
  write(source, 1, 3)
  const bytes = source.take() ?? assert.fail()
  const queue = new FrameQueue(1_000_000)
  queue.append(bytes, frameSize, 3 * frameSize)
  bytes.fill(0)
  assert.deepEqual(
    [queue.takeOne(), queue.takeOne()].map((frame) => frame && idAt(frame, 0)),
    [2, 3],
  )
  assert.equal(queue.takeOne(), undefined)
})
