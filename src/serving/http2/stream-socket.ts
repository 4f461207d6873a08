// Runs in a worker: a stream of HTTP/2 in the form of a connection of HTTP/1, for one request. What Node's
// response, an app or a library writes to it is a response of HTTP/1. So every framework, and all that serves
// HTTP/1 here, serves HTTP/2 unchanged.

import { constants, type ServerHttp2Stream } from 'node:http2'
import { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { defineAccessor } from '../../os/define-accessor.ts'
import { responseOn } from '../../os/system/http-objects.ts'
import { figuresKey } from '../../os/system/socket-figures.ts'
import type { StreamFaults } from './faults.ts'
import { link, receive } from './link.ts'
import type { Chunk } from './chunk.ts'
import { stopClient } from './stop-client.ts'
import { onTimeout } from './timeout.ts'
import { type OnWritten, StreamWriter, type Written } from './stream-writer.ts'

export interface StreamSocketParts {
  readonly stream: ServerHttp2Stream
  /** The connection that carries the stream. */
  readonly carrier: Socket
  /** Of the connection. */
  readonly faults?: Pick<StreamFaults, 'note'> | undefined
}

const options = { allowHalfOpen: true, decodeStrings: false, emitClose: false } as const

export class StreamSocket extends Socket {
  readonly carrier: Socket
  /** Bytes that have arrived, without heads. */
  received = 0
  readonly [figuresKey]: StreamWriter
  /** As net.Socket sets it. */
  readonly _parent = null
  readonly #stream: ServerHttp2Stream
  readonly #faults: StreamSocketParts['faults']
  #isTunnel = false
  #isTimed = false
  /** All of the response has been given to the stream. */
  #isEnded = false

  constructor({ stream, carrier, faults }: StreamSocketParts) {
    super(options)
    this.carrier = carrier
    this.#faults = faults
    this.#stream = stream
    this[figuresKey] = new StreamWriter({
      stream,
      onInvalid: () => this.destroy(),
      endIfLast: () => this.#endIfLast(),
    })
    link(stream, this)
  }

  /** What the client sends is data of another protocol (RFC 8441), which is read here. */
  tunnel(): void {
    this.#isTunnel = true
    receive(this.#stream, {
      push: (chunk) => this.push(chunk),
      end: () => void this.push(null),
    })
  }

  /** The stream has closed. */
  close(): void {
    const { rstCode } = this.#stream
    if (rstCode !== constants.NGHTTP2_NO_ERROR) this.#faults?.note(rstCode)
    else if (this.#isEnded) this[figuresKey].finish()
    this.destroy()
  }

  /** Bytes of the body have arrived. */
  noteReceived(length: number): void {
    this.received += length
    if (this.#isTimed) super.setTimeout(this.timeout ?? 0)
  }

  override setTimeout(milliseconds: number, callback?: () => void): this {
    if (!this.#isTimed) this.on('timeout', onTimeout)
    this.#isTimed = true
    return super.setTimeout(milliseconds, callback)
  }

  /** The body of a request is read from the request. */
  override _read(): void {
    if (this.#isTunnel) this.#stream.resume()
  }

  override _write(chunk: Chunk, encoding: BufferEncoding, callback: OnWritten): void {
    if (this.#isTimed) super.setTimeout(this.timeout ?? 0)
    this[figuresKey].write(chunk, encoding, callback)
  }

  override _writev(chunks: readonly Written[], callback: OnWritten): void {
    if (this.#isTimed) super.setTimeout(this.timeout ?? 0)
    this[figuresKey].writeAll(chunks, callback)
  }

  override _final(callback: OnWritten): void {
    const stream = this.#stream
    if (stream.destroyed) return callback()
    // Without a complete head the client would wait for a response that never comes.
    if (this[figuresKey].isCut) return void this.destroy()
    const onFinish = (): void => {
      if (!stream.endAfterHeaders && !stream.readableEnded) stopClient(stream)
      callback()
    }
    if (stream.writableFinished) onFinish()
    else stream.end(onFinish)
  }

  override address(): object {
    return this.carrier.address()
  }

  /** It is destroyed when the stream has closed, which is after its last byte was sent. */
  override destroySoon(): void {
    this.end()
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    const stream = this.#stream
    // With close() Node ends the stream first, and a client would take what it has for the whole response.
    if (!stream.closed) stream.destroy(error ?? new Error('the response was broken off'))
    // A server of HTTP/1 listens to the errors of its connections.
    const failure = this.listenerCount('error') > 0 ? error : null
    super._destroy(failure, (reported) => callback(reported ?? null))
  }

  #endIfLast(): void {
    if (responseOn(this)?.writableEnded !== true || this.writableLength > this[figuresKey].taken) return
    this.#isEnded = true
    this.#stream.end()
  }
}

// The constructor of net.Socket prepares what only a socket of the system has, and takes longer than all else
// here.
Object.setPrototypeOf(StreamSocket, Duplex)

// net.Socket declares these as properties, and has them as accessors.
for (const name of ['remoteAddress', 'remotePort', 'remoteFamily', 'localAddress', 'localPort'] as const)
  define(name, ({ carrier }) => carrier[name])
define('encrypted', ({ carrier }) => Reflect.get(carrier, 'encrypted') === true)
define('bytesRead', ({ received }) => received)
define('bytesWritten', ({ [figuresKey]: { bytesWritten, writeQueueSize }, writableLength }) => {
  return bytesWritten - writeQueueSize + Math.max(writeQueueSize, writableLength)
})

function define(name: string, read: (socket: StreamSocket) => unknown): void {
  defineAccessor(StreamSocket.prototype, name, read)
}
