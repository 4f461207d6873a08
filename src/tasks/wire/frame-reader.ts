// Puts the bytes of a socket together to frames. Both processes. A chunk is read into memory of exactly its
// size: what is made of it, a Buffer or a typed array, is a view and no copy.

import { BadFrame, entrySize, headSize, readHead, readTable, type Frame, type Head } from './frame.ts'

const none: readonly Uint8Array<ArrayBuffer>[] = []

export class FrameReader {
  readonly #onFrame: (frame: Frame) => void
  readonly #mostBytes: number
  /** What is filled now: a head, the value of `#head`, or its next chunk; and how far. */
  #target: Buffer<ArrayBuffer> = Buffer.allocUnsafeSlow(headSize)
  #filled = 0
  #head: Head | undefined
  #value: Buffer | undefined
  #sizes: readonly number[] = []
  #chunks: Uint8Array<ArrayBuffer>[] = []
  #stopped = false

  /** `mostBytes`: of the value and each chunk, for tests. */
  constructor(onFrame: (frame: Frame) => void, mostBytes = Infinity) {
    this.#onFrame = onFrame
    this.#mostBytes = mostBytes
  }

  /** Whether a frame has begun to arrive and is not complete. */
  get isBetween(): boolean {
    return this.#filled > 0 || this.#head !== undefined
  }

  /** Ignores all that still arrives. */
  stop(): void {
    this.#stopped = true
  }

  /** Where the next bytes belong, for a socket that reads into it. Never empty. */
  get room(): Uint8Array {
    return this.#target.subarray(this.#filled)
  }

  /** That many bytes were read into `room`. Throws BadFrame. */
  advance(bytes: number): void {
    if (this.#stopped) return
    this.#filled += bytes
    if (this.#filled === this.#target.length) this.#complete()
  }

  /** Takes bytes that were read elsewhere. Throws BadFrame. */
  push(bytes: Buffer): void {
    let rest = this.isBetween ? bytes : this.#takeWhole(bytes)
    while (rest.length > 0 && !this.#stopped) {
      const length = rest.copy(this.#target, this.#filled)
      this.advance(length)
      rest = rest.subarray(length)
    }
  }

  /** Takes the small frames that are whole in `bytes` without copying them; returns the rest. */
  #takeWhole(bytes: Buffer): Buffer {
    let rest = bytes
    while (rest.length >= headSize && !this.#stopped) {
      const head = readHead(rest)
      const end = headSize + head.value
      if (head.chunks > 0 || rest.length < end) return rest
      const value = rest.subarray(headSize, end)
      this.#onFrame({ kind: head.kind, flags: head.flags, value, chunks: none })
      rest = rest.subarray(end)
    }
    return rest
  }

  #complete(): void {
    const [target, head] = [this.#target, this.#head]
    if (head === undefined) {
      this.#head = readHead(target)
      if (this.#head.value > 0) return this.#fill(this.#head.value)
      this.#value = Buffer.alloc(0)
    } else if (this.#value === undefined) {
      this.#value = target
      this.#sizes = readTable(target, head.chunks)
    } else {
      this.#chunks.push(target)
    }
    this.#next()
  }

  /** The next chunk, or the frame is complete. */
  #next(): void {
    const size = this.#sizes[this.#chunks.length]
    if (size === 0) throw new BadFrame('a chunk of no bytes')
    if (size !== undefined) return this.#fill(size)
    const [head, value, chunks] = [this.#head, this.#value, this.#chunks]
    this.#head = this.#value = undefined
    this.#sizes = []
    this.#chunks = []
    this.#fill(headSize)
    if (head && value)
      this.#onFrame({
        kind: head.kind,
        flags: head.flags,
        value: value.subarray(0, value.length - head.chunks * entrySize),
        chunks,
      })
  }

  #fill(size: number): void {
    if (size > this.#mostBytes) throw new BadFrame(`a part of ${size} bytes, at most ${this.#mostBytes}`)
    this.#target = allocate(size)
    this.#filled = 0
  }
}

/** Fails the connection, not the process, when there is no memory. */
function allocate(size: number): Buffer<ArrayBuffer> {
  try {
    return Buffer.allocUnsafeSlow(size)
  } catch (error) {
    throw new BadFrame(`no memory for ${size} bytes`, { cause: error })
  }
}
