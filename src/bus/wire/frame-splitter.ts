// Puts the bytes of a socket together to frames. Client and broker. Frames that are whole in a chunk are not
// copied.

import { limits } from '../model/limits.ts'
import { frameBytes, headSize, lengthSize } from './frame.ts'

/** Something arrived that no tsgun sends. */
export class BadFrame extends Error {
  override readonly name = 'BadFrame'
}

/** A frame is `bytes` from `start` to `end`; it has to be read or copied at once. */
export type OnFrame = (bytes: Buffer, start: number, end: number) => void

const largest = headSize + limits.topic + limits.message

export class FrameSplitter {
  readonly #onFrame: OnFrame
  /** The beginning of a frame whose rest has not arrived. */
  #partial: Buffer | undefined
  #filled = 0

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame
  }

  /** Throws a BadFrame. */
  push(chunk: Buffer): void {
    let at = 0
    while (this.#partial && at < chunk.length) at = this.#complete(this.#partial, chunk, at)
    while (chunk.length - at >= lengthSize) {
      const end = at + checkedBytes(chunk, at)
      if (end > chunk.length) break
      this.#onFrame(chunk, at, end)
      at = end
    }
    if (at < chunk.length) this.#keep(chunk, at)
  }

  /** Returns how far the chunk is used. */
  #complete(partial: Buffer, chunk: Buffer, at: number): number {
    const used = chunk.copy(partial, this.#filled, at)
    this.#filled += used
    if (this.#filled < partial.length) return at + used
    const size = checkedBytes(partial, 0)
    this.#partial = undefined
    if (size > partial.length) this.#grow(partial, size)
    else this.#onFrame(partial, 0, size)
    return at + used
  }

  #keep(chunk: Buffer, at: number): void {
    const rest = chunk.length - at
    const size = rest < lengthSize ? lengthSize : checkedBytes(chunk, at)
    this.#grow(chunk.subarray(at), size)
  }

  #grow(begin: Buffer, size: number): void {
    this.#partial = Buffer.allocUnsafeSlow(size)
    this.#filled = begin.copy(this.#partial)
  }
}

function checkedBytes(bytes: Buffer, at: number): number {
  const size = frameBytes(bytes, at)
  if (size < headSize || size > largest) throw new BadFrame(`a frame of ${size} bytes`)
  if (bytes.length - at > 5 && headSize + (bytes[at + 5] ?? 0) > size)
    throw new BadFrame('a topic beyond its frame')
  return size
}
