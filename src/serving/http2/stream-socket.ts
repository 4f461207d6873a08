// Runs in a worker: a stream of HTTP/2 in the form of a connection of HTTP/1, for one request. What Node's
// response, an app or a library writes to it is a response of HTTP/1; its head becomes that of the stream,
// what follows is its body. So every framework, and all that serves HTTP/1 here, serves HTTP/2 unchanged.

import type { ServerHttp2Stream } from 'node:http2'
import { Socket } from 'node:net'
import { defineAccessor } from '../../os/define-accessor.ts'
import { parseHead, type ResponseHead } from './response-head.ts'

/** NO_ERROR (RFC 9113, 7). */
const noError = 0x0
const switchingProtocols = 101
/** Milliseconds. */
const checkInterval = 50
/** Bytes. */
const pieceSize = 65_536

const factsKey = Symbol('tsgun.stream')

/** A net.Socket gets strings as they are. */
type Chunk = Buffer | string

type Callback = (error?: Error | null) => void

export interface StreamSocketParts {
  readonly stream: ServerHttp2Stream
  /** The connection that carries the stream. */
  readonly carrier: Socket
  /** What the client sends is data of another protocol (RFC 8441); else it is the body of a request. */
  readonly isTunnel: boolean
}

export class StreamSocket extends Socket {
  readonly #stream: ServerHttp2Stream
  readonly #isTunnel: boolean
  /** What was written of a head that is not complete; undefined after the head. */
  #head: Buffer | undefined = Buffer.alloc(0)
  /** Bytes of the body, and bytes that the stream has got. */
  readonly [factsKey]: { readonly carrier: Socket; read: number; written: number }

  constructor({ stream, carrier, isTunnel }: StreamSocketParts) {
    super({ allowHalfOpen: true })
    this.#stream = stream
    this[factsKey] = { carrier, read: 0, written: 0 }
    if (!stream.endAfterHeaders) stream.on('data', (chunk: Buffer) => (this[factsKey].read += chunk.length))
    this.#isTunnel = isTunnel
    if (isTunnel) this.#tunnel()
    stream.on('error', () => this.destroy()) // the session or the client has reset it
    stream.on('close', () => this.destroy())
  }

  /** Only a tunnel is read here; the body of a request is read from the request. */
  override _read(): void {
    if (this.#isTunnel) this.#stream.resume()
  }

  override _write(chunk: Chunk, encoding: BufferEncoding, callback: Callback): void {
    this.#take(toBuffer(chunk, encoding), callback)
  }

  override _writev(
    chunks: readonly { readonly chunk: Chunk; readonly encoding: BufferEncoding }[],
    callback: Callback,
  ): void {
    this.#take(Buffer.concat(chunks.map(({ chunk, encoding }) => toBuffer(chunk, encoding))), callback)
  }

  override _final(callback: Callback): void {
    if (this.#stream.destroyed) return callback()
    // Without a complete head the client would wait for a response that never comes.
    if (this.#head !== undefined) return void this.destroy()
    this.#stream.end(() => {
      if (!this.#stream.endAfterHeaders && !this.#stream.readableEnded) this.#stopClient()
      callback()
    })
  }

  /** It is destroyed when the stream has closed, which is after its last byte was sent. */
  override destroySoon(): void {
    this.end()
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    // With close() Node ends the stream first, and a client would take what it has for the whole response.
    if (!this.#stream.closed) this.#stream.destroy(error ?? new Error('the response was broken off'))
    super._destroy(error, (failure) => callback(failure ?? null))
  }

  #take(chunk: Buffer, callback: Callback): void {
    if (this.#head === undefined) return this.#send(chunk, callback)
    this[factsKey].written += chunk.length
    const body = this.#takeHeads(this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]))
    if (body === undefined) return callback()
    this[factsKey].written -= body.length
    this.#send(body, callback)
  }

  #tunnel(): void {
    this.#stream.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) this.#stream.pause()
    })
    this.#stream.on('end', () => this.push(null))
  }

  /** The response is complete, so a client that is still sending may stop (RFC 9113, 8.1). */
  #stopClient(): void {
    const stream = this.#stream
    stream.resume() // what arrives meanwhile is discarded, unless the app reads it
    const timer = setInterval(() => {
      if (stream.closed || isSent(stream)) clearInterval(timer)
      if (!stream.closed && isSent(stream)) stream.close(noError)
    }, checkInterval).unref()
  }

  /**
   * Sends the heads in the bytes. Returns what follows the last one; undefined while that is not complete.
   */
  #takeHeads(bytes: Buffer): Buffer | undefined {
    for (let rest = bytes; ;) {
      const head = parseHead(rest)
      if (head === undefined) {
        this.#head = rest
        return undefined
      }
      if (head === null || this.#stream.destroyed) {
        this.#head = undefined
        this.destroy()
        return Buffer.alloc(0)
      }
      rest = head.rest
      if (!this.#respond(head)) continue
      this.#head = undefined
      return rest
    }
  }

  /** Returns false for an interim response, behind which another head follows. */
  #respond({ status, headers }: ResponseHead): boolean {
    if (status === switchingProtocols) {
      // HTTP/2 has no such status: a tunnel begins with 200 (RFC 8441, 5).
      this.#stream.respond({ ...headers, 'sec-websocket-accept': undefined, ':status': 200 })
      return true
    }
    if (status < 200) {
      this.#stream.additionalHeaders({ ...headers, ':status': status })
      return false
    }
    this.#stream.respond({ ...headers, ':status': status })
    return true
  }

  /** In pieces, so that `bytesWritten` grows while a client reads a large chunk. */
  #send(chunk: Buffer, callback: Callback): void {
    if (chunk.length === 0 || this.#stream.destroyed || !this.#stream.writable) return callback()
    const piece = chunk.subarray(0, pieceSize)
    this[factsKey].written += piece.length
    this.#stream.write(piece, (error) => {
      if (error || piece.length === chunk.length) callback(error)
      else this.#send(chunk.subarray(piece.length), callback)
    })
  }
}

/** Whether the last byte has left: a stream counts as finished when node:http2 has taken it. */
const isSent = ({ state }: ServerHttp2Stream): boolean => state.localClose === 1

const toBuffer = (chunk: Chunk, encoding: BufferEncoding): Buffer =>
  typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk

// net.Socket declares these as properties, and has them as accessors.
for (const name of ['remoteAddress', 'remotePort', 'remoteFamily', 'localAddress', 'localPort'] as const)
  define(name, ({ carrier }) => carrier[name])
define('encrypted', ({ carrier }) => Reflect.get(carrier, 'encrypted') === true)
define('bytesRead', ({ read }) => read)
define('bytesWritten', ({ written }) => written)

function define(name: string, read: (facts: StreamSocket[typeof factsKey]) => unknown): void {
  defineAccessor(StreamSocket.prototype, name, (socket: StreamSocket) => read(socket[factsKey]))
}
