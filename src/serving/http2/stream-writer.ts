// Runs in a worker: writes a response that has the form of HTTP/1 to a stream of HTTP/2: its head becomes
// that of the stream, what follows is the body.

import type { ServerHttp2Stream } from 'node:http2'
import { ChunkedBody } from './chunked-body.ts'
import { byteLength, toBuffer, type Chunk } from './chunk.ts'
import { parseHead, type ResponseHead } from './response-head.ts'

export interface Written {
  readonly chunk: Chunk
  readonly encoding: BufferEncoding
}

export type OnWritten = (error?: Error | null) => void

const switchingProtocols = 101
/** Bytes. */
const pieceSize = 65_536
const nothing: Written = { chunk: '', encoding: 'latin1' }

export interface StreamWriterParts {
  readonly stream: ServerHttp2Stream
  /** What was written is no response. */
  readonly onInvalid: () => void
  /** Ends the stream if nothing follows; in the turn in which it is written. */
  readonly endIfLast: () => void
}

export class StreamWriter {
  /** Bytes of heads and body that the stream has got, and those of them that have not left. */
  bytesWritten = 0
  writeQueueSize = 0
  /** Length of all that is being written, as a Writable counts it. */
  taken = 0
  readonly #parts: StreamWriterParts
  /** What was written of a head that is not complete; undefined after the last head. */
  #head: Chunk | undefined = ''
  #chunked: ChunkedBody | undefined
  #onWritten: OnWritten | undefined

  constructor(parts: StreamWriterParts) {
    this.#parts = parts
  }

  /** The head or its chunked body breaks off. */
  get isCut(): boolean {
    return this.#head !== undefined || this.#chunked?.isComplete === false
  }

  write(chunk: Chunk, encoding: BufferEncoding, onWritten: OnWritten): void {
    this.#onWritten = onWritten
    this.taken = chunk.length
    const bodies: Written[] = []
    this.#take({ chunk, encoding }, bodies)
    this.#sendAll(bodies)
  }

  writeAll(all: readonly Written[], onWritten: OnWritten): void {
    this.#onWritten = onWritten
    this.taken = 0
    const bodies: Written[] = []
    for (const written of all) {
      this.taken += written.chunk.length
      this.#take(written, bodies)
    }
    this.#sendAll(bodies)
  }

  /** Sends the heads, and adds what is data of the body. */
  #take({ chunk, encoding }: Written, bodies: Written[]): void {
    const body = this.#head === undefined ? chunk : this.#takeHeads(chunk, encoding)
    if (body.length === 0) return
    if (this.#chunked === undefined) return void bodies.push({ chunk: body, encoding })
    const data = this.#chunked.read(body, encoding)
    if (data === null) this.#parts.onInvalid()
    else for (const piece of data) bodies.push({ chunk: piece, encoding })
  }

  #sendAll(bodies: readonly Written[]): void {
    const [first = nothing, second] = bodies
    if (second === undefined) this.#send(first.chunk, first.encoding)
    else this.#send(Buffer.concat(bodies.map(({ chunk, encoding }) => toBuffer(chunk, encoding))), 'utf8')
  }

  /** All that was given to the stream has left: node:http2 cancels the last write of a stream that closes. */
  finish(): void {
    this.writeQueueSize = 0
    this.#finishWrite()
  }

  #finishWrite(): void {
    const onWritten = this.#onWritten
    this.#onWritten = undefined
    onWritten?.()
  }

  /** Sends the heads in the chunk, and returns what follows the last one. */
  #takeHeads(chunk: Chunk, encoding: BufferEncoding): Chunk {
    const { stream, onInvalid } = this.#parts
    let rest = this.#afterBefore(chunk, encoding)
    for (;;) {
      const head = parseHead(rest, encoding)
      if (head === undefined) {
        this.#head = toBuffer(rest, encoding)
        return ''
      }
      if (head === null || stream.destroyed) {
        this.#head = undefined
        onInvalid()
        return ''
      }
      this.bytesWritten += rest.length - head.rest.length
      rest = head.rest
      if (head.isChunked) this.#chunked = new ChunkedBody()
      if (!respond(stream, head, this.#chunked)) continue
      this.#head = undefined
      if (stream.writableEnded) this.#chunked = undefined // a response without a body
      return rest
    }
  }

  #afterBefore(chunk: Chunk, encoding: BufferEncoding): Chunk {
    const before = this.#head
    if (before === undefined || before.length === 0) return chunk
    return Buffer.concat([toBuffer(before, 'latin1'), toBuffer(chunk, encoding)])
  }

  /** In pieces, so that the figures show how a client reads a large chunk. */
  #send(chunk: Chunk, encoding: BufferEncoding): void {
    const { stream, endIfLast } = this.#parts
    if (chunk.length === 0) return this.#finishWrite()
    if (stream.closed || stream.destroyed) return // nothing more leaves
    if (!stream.writable) return this.#finishWrite() // a response without a body
    if (chunk.length > pieceSize) return this.#sendPieces(toBuffer(chunk, encoding))
    // Before the write, so that node:http2 ends the stream with the last DATA frame.
    process.nextTick(endIfLast)
    this.#sendPiece(chunk, encoding, () => this.#finishWrite())
  }

  #sendPieces(bytes: Buffer): void {
    const piece = bytes.subarray(0, pieceSize)
    this.#sendPiece(piece, 'utf8', () => this.#send(bytes.subarray(piece.length), 'utf8'))
  }

  /** `onSent` is not called when the stream closes before. */
  #sendPiece(piece: Chunk, encoding: BufferEncoding, onSent: () => void): void {
    const length = byteLength(piece, encoding)
    this.bytesWritten += length
    this.writeQueueSize = length
    this.#parts.stream.write(piece, encoding, (error) => {
      if (error) return
      this.writeQueueSize = 0
      onSent()
    })
  }
}

/** Returns false for an interim response, behind which another head follows. */
function respond(
  stream: ServerHttp2Stream,
  { status, headers }: ResponseHead,
  chunked?: ChunkedBody,
): boolean {
  if (status < 200 && status !== switchingProtocols) {
    stream.additionalHeaders(headers)
    return false
  }
  // HTTP/2 has no such status: a tunnel begins with 200 (RFC 8441, 5).
  if (status === switchingProtocols)
    stream.respond({ ...headers, 'sec-websocket-accept': undefined, ':status': 200 })
  else if (chunked === undefined || headers['trailer'] === undefined) stream.respond(headers)
  else {
    stream.respond(headers, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers(chunked.trailers))
  }
  return true
}
