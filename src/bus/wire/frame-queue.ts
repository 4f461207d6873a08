// Frames that wait to be sent or handled, in the order in which they came. Client and broker. They are copied
// together, so that many small ones are one write, and so that none keeps the memory alive in which it
// arrived. The queue is bounded: the oldest frames are dropped, and counted.

import { frameBytes, sizeOf, writeFrame, type Head } from './frame.ts'

const blockSize = 65_536

interface Block {
  readonly bytes: Buffer
  /** What waits in it, as offsets. */
  start: number
  end: number
}

export class FrameQueue {
  readonly #limit: number
  readonly #onDrop: () => void
  readonly #blocks: Block[] = []
  #waiting = 0
  #dropped = 0

  /** `limit`: bytes, more than the largest frame has. `onDrop` is called for each frame. */
  constructor(limit: number, onDrop: () => void = () => undefined) {
    this.#limit = limit
    this.#onDrop = onDrop
  }

  /** Bytes that wait. */
  get size(): number {
    return this.#waiting
  }

  /** Frames dropped so far. */
  get dropped(): number {
    return this.#dropped
  }

  /** Appends a new frame. */
  write(head: Head, topic: Uint8Array, payload: Uint8Array): void {
    const frame = { head, topic, payload }
    const size = sizeOf(frame)
    const block = this.#room(size)
    writeFrame(block.bytes, block.end, frame)
    block.end += size
    this.#waiting += size
  }

  /** Appends a copy of whole frames. */
  append(bytes: Buffer, start: number, end: number): void {
    const size = end - start
    const block = this.#room(size)
    bytes.copy(block.bytes, block.end, start, end)
    block.end += size
    this.#waiting += size
  }

  /** Removes and returns whole frames, the oldest; undefined when none waits. Never changed afterwards. */
  take(): Buffer | undefined {
    const block = this.#first()
    if (block === undefined) return undefined
    const taken = block.bytes.subarray(block.start, block.end)
    block.start = block.end
    this.#waiting -= taken.length
    return taken
  }

  /** Removes and returns one frame, the oldest. */
  takeOne(): Buffer | undefined {
    const block = this.#first()
    if (block === undefined) return undefined
    const end = block.start + frameBytes(block.bytes, block.start)
    const taken = block.bytes.subarray(block.start, end)
    block.start = end
    this.#waiting -= taken.length
    return taken
  }

  /** Makes room, and returns the block in which the next `size` bytes have a place. */
  #room(size: number): Block {
    while (this.#waiting > 0 && this.#waiting + size > this.#limit) this.#dropOldest()
    const last = this.#blocks.at(-1)
    if (last && last.bytes.length - last.end >= size) return last
    const block = { bytes: Buffer.allocUnsafeSlow(Math.max(blockSize, size)), start: 0, end: 0 }
    this.#blocks.push(block)
    return block
  }

  /** The block with the oldest frame. Blocks before it are used up; the last one is filled further. */
  #first(): Block | undefined {
    for (;;) {
      const [block] = this.#blocks
      if (block === undefined || block.start < block.end) return block
      if (this.#blocks.length === 1) return undefined
      this.#blocks.shift()
    }
  }

  #dropOldest(): void {
    if (this.takeOne() === undefined) return
    this.#dropped += 1
    this.#onDrop()
  }
}
