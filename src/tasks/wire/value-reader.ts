// Reads what ValueWriter has written. Both processes. Large buffers are views of the memory into which they
// were received.

import { DefaultDeserializer } from 'node:v8'
import { makeView } from '../../os/views.ts'
import { BadFrame, type Frame } from './frame.ts'

export class ValueReader extends DefaultDeserializer {
  readonly #chunks: Frame['chunks']

  /** Throws BadFrame. */
  constructor({ value, chunks }: Frame) {
    super(value)
    this.#chunks = chunks
    this.#try(() => this.readHeader())
    for (const [index, chunk] of chunks.entries()) this.transferArrayBuffer(index, chunk.buffer)
  }

  /** Throws BadFrame. */
  value(): unknown {
    return this.#try(() => this.readValue() as unknown)
  }

  /** A number that was written as such. Throws BadFrame. */
  double(): number {
    return this.#try(() => this.readDouble())
  }

  /** Throws BadFrame. */
  integer(): number {
    return this.#try(() => this.readUint32())
  }

  /** V8 calls it where _writeHostObject has written. */
  _readHostObject(): ArrayBufferView {
    const [type, bytes, place] = [this.readUint32(), this.readUint32(), this.readUint32()]
    if (place > 0) return makeView(type, this.#chunk(place - 1, bytes), 0, bytes)
    // Copied: small, and a view would keep all that has arrived with it.
    return makeView(type, exactCopy(this.readRawBytes(bytes)), 0, bytes)
  }

  #chunk(index: number, bytes: number): ArrayBuffer {
    const chunk = this.#chunks[index]
    if (chunk?.byteLength !== bytes) throw new BadFrame('a view of a chunk that is not there')
    return chunk.buffer
  }

  #try<Result>(read: () => Result): Result {
    try {
      return read()
    } catch (error) {
      if (error instanceof BadFrame) throw error
      throw new BadFrame('a value that cannot be read', { cause: error })
    }
  }
}

function exactCopy(bytes: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.byteLength)
  new Uint8Array(copy).set(bytes)
  return copy
}
