// Runs in a worker: takes the chunked encoding off a body that is written for HTTP/1 (RFC 9112, 7.1). Node
// writes size, data and line end one after another, so that data is mostly passed on as it is.

import type { OutgoingHttpHeaders } from 'node:http2'
import { byteLength, toBuffer, type Chunk } from './chunk.ts'
import { addField } from './response-head.ts'

const size = /^([0-9a-f]+) *(?:;.*)?$/i

export class ChunkedBody {
  /** Of the trailer section. */
  readonly trailers: OutgoingHttpHeaders = {}
  #expects: 'size' | 'data' | 'end of data' | 'trailer' | 'nothing' = 'size'
  /** Bytes of data that follow. */
  #left = 0
  /** The beginning of a line. */
  #line = ''

  get isComplete(): boolean {
    return this.#expects === 'nothing'
  }

  /** Returns the data in what was written; null for what is no chunked encoding. */
  read(written: Chunk, encoding: BufferEncoding): readonly Chunk[] | null {
    if (this.#expects === 'data' && byteLength(written, encoding) <= this.#left)
      return [this.#takeData(written, byteLength(written, encoding))]
    const bytes = toBuffer(written, encoding)
    const data: Chunk[] = []
    for (let at = 0; at < bytes.length;) {
      if (this.#expects === 'data') {
        const piece = bytes.subarray(at, at + this.#left)
        data.push(this.#takeData(piece, piece.length))
        at += piece.length
        continue
      }
      const end = bytes.indexOf('\n', at)
      this.#line += bytes.toString('latin1', at, end < 0 ? bytes.length : end)
      if (end < 0) return data
      if (!this.#takeLine(this.#line.trimEnd())) return null
      this.#line = ''
      at = end + 1
    }
    return data
  }

  #takeData(data: Chunk, length: number): Chunk {
    this.#left -= length
    if (this.#left === 0) this.#expects = 'end of data'
    return data
  }

  /** Returns false for a line that is not valid. */
  #takeLine(line: string): boolean {
    if (this.#expects === 'size') return this.#takeSize(line)
    if (this.#expects === 'trailer') {
      if (line === '') this.#expects = 'nothing'
      else addField(this.trailers, line)
      return true
    }
    if (line !== '' || this.#expects !== 'end of data') return false
    this.#expects = 'size'
    return true
  }

  #takeSize(line: string): boolean {
    const digits = size.exec(line)?.[1]
    if (digits === undefined) return false
    this.#left = Number.parseInt(digits, 16)
    this.#expects = this.#left > 0 ? 'data' : 'trailer'
    return true
  }
}
