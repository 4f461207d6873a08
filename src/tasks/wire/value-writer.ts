// Writes a value as a structured clone. Both processes. The bytes of large buffers are not copied: they go
// to the socket as they are. Of a view only the bytes that it shows are sent; the same view twice stays one.

import { types } from 'node:util'
import { DefaultSerializer } from 'node:v8'
import { findUncloneable } from '../../os/find-uncloneable.ts'
import { viewKind } from '../../os/views.ts'
import { entrySize, headSize, largestFrame, mostChunks, writeHead, type Kind } from './frame.ts'
import { LookAhead } from './look-ahead.ts'

/** A frame that is ready to be sent, more than once if need be. */
export interface Outgoing {
  readonly head: Buffer
  readonly chunks: readonly NodeJS.ArrayBufferView[]
  /** Bytes of all. */
  readonly size: number
}

/** Bytes from which a buffer is sent apart. */
export const largeBuffer = 65_536

/** What the frame begins with, until its size is known. */
const noHead = Buffer.alloc(headSize)

export class ValueWriter extends DefaultSerializer {
  readonly #chunks: NodeJS.ArrayBufferView[] = []
  readonly #least: number

  /** `least`: bytes from which a buffer is sent apart. */
  constructor(least = largeBuffer) {
    super()
    this.#least = least
    this.writeRawBytes(noHead)
    this.writeHeader()
  }

  /** `name`: what the path of what cannot be cloned begins with. Throws a TypeError. */
  write(value: unknown, name: string): void {
    const { problem, buffers } = new LookAhead(value, name, this.#least)
    if (problem !== undefined) throw new TypeError(problem)
    for (const buffer of buffers)
      if (this.#chunks.length < mostChunks)
        this.transferArrayBuffer(this.#chunks.push(new Uint8Array(buffer)) - 1, buffer)
    try {
      this.writeValue(value)
    } catch (error) {
      const found = findUncloneable(value, name)
      if (found) throw new TypeError(`${found.path} is ${found.what}, which cannot be sent`, { cause: error })
      throw error
    }
  }

  /** V8 calls it for each view, and for objects of native code, which cannot be cloned. */
  _writeHostObject(object: unknown): void {
    const kind = viewKind(object)
    if (kind === undefined) throw new TypeError('an object of native code cannot be sent')
    const view = object as NodeJS.ArrayBufferView // it has such a kind
    const isLarge = view.byteLength >= this.#least && this.#chunks.length < mostChunks
    this.writeUint32(kind)
    this.writeUint32(view.byteLength)
    // Shared memory may change until it is sent.
    if (isLarge) this.#chunks.push(types.isSharedArrayBuffer(view.buffer) ? copyOf(view) : view)
    this.writeUint32(isLarge ? this.#chunks.length : 0)
    if (!isLarge) this.writeRawBytes(view)
  }

  /** Ends the frame. Throws a RangeError when it is too large. */
  end(kind: Kind): Outgoing {
    const chunks = this.#chunks
    if (chunks.length > 0) this.writeRawBytes(tableOf(chunks))
    const head = this.releaseBuffer()
    const size = chunks.reduce((sum, { byteLength }) => sum + byteLength, head.length)
    if (size > largestFrame)
      throw new RangeError(
        `${size} bytes cannot be sent at once, at most ${largestFrame}: send a file's path`,
      )
    writeHead(head, { kind, flags: 0, value: head.length - headSize, chunks: chunks.length })
    return { head, chunks, size }
  }
}

function copyOf({ buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView): Buffer {
  return Buffer.from(new Uint8Array(buffer, byteOffset, byteLength))
}

function tableOf(chunks: readonly NodeJS.ArrayBufferView[]): Buffer {
  const table = Buffer.allocUnsafe(chunks.length * entrySize)
  for (const [index, { byteLength }] of chunks.entries()) table.writeUInt32LE(byteLength, index * entrySize)
  return table
}
