// Runs in a worker: leads the events of a stream of HTTP/2 to what was made of it. A closed stream must lead
// to nothing: Node's handle keeps it until the next full garbage collection, and with it all that its
// listeners know. So there is one listener for all streams, and each stream has a link that is cut.

import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'

/** What gets the bytes that the client sends. */
export interface Receiver {
  /** Returns false to get no more until the stream is resumed. */
  readonly push: (chunk: Buffer) => boolean
  readonly end: () => void
  readonly trailers?: (trailers: IncomingHttpHeaders) => void
  /** The stream has closed. */
  readonly close?: () => void
}

/** The connection in whose form the stream is presented. */
export interface LinkedSocket {
  /** Bytes have arrived. */
  readonly noteReceived: (length: number) => void
  readonly destroy: () => void
  /** The stream has closed. */
  readonly close: () => void
}

const socketKey = Symbol('tsgun.socket')
const receiverKey = Symbol('tsgun.receiver')

interface LinkedStream extends ServerHttp2Stream {
  [socketKey]?: LinkedSocket | undefined
  [receiverKey]?: Receiver | undefined
}

/** The socket is destroyed with the stream. */
export function link(stream: LinkedStream, socket: LinkedSocket): void {
  stream[socketKey] = socket
  stream.on('error', onError)
  stream.on('close', onClose)
}

/** From now on the receiver gets what arrives. */
export function receive(stream: LinkedStream, receiver: Receiver): void {
  stream[receiverKey] = receiver
  stream.on('data', onData)
  stream.on('trailers', onTrailers)
  stream.on('end', onEnd)
}

/** The session or the client has reset it. */
function onError(this: LinkedStream): void {
  this[socketKey]?.destroy()
}

function onClose(this: LinkedStream): void {
  this[socketKey]?.close()
  this[receiverKey]?.close?.()
  this[socketKey] = undefined
  this[receiverKey] = undefined
}

function onData(this: LinkedStream, chunk: Buffer): void {
  this[socketKey]?.noteReceived(chunk.length)
  if (this[receiverKey]?.push(chunk) === false) this.pause()
}

function onTrailers(this: LinkedStream, trailers: IncomingHttpHeaders): void {
  this[receiverKey]?.trailers?.(trailers)
}

/** A connection that breaks off ends its streams too. */
function onEnd(this: LinkedStream): void {
  if (!this.aborted) this[receiverKey]?.end()
}
