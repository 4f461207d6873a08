// Runs in a worker, only with an access log: what is known of a request before its end. Its response carries
// the record, and the bytes that the app sends are counted there. When a connection ends early, those count
// that have left this process by then.

import { Buffer } from 'node:buffer'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { AccessEntry } from '../../logging/access/entry.ts'
import { bytesSent, bytesUnsent, bytesWritten } from '../../os/system/socket-figures.ts'
import { wasSent } from '../connections/broken-off.ts'
import { headLength, headWasSent } from '../connections/response-head.ts'
import { peerAddress } from './peer.ts'

export const recordKey = Symbol('tsgun.record')

/** `bytes`: of the body. */
export interface ServerResponseSent {
  readonly status: number
  readonly bytes: number
}

/** A plain object, as small as possible: one is made for each request. */
export interface RequestRecord {
  /** Milliseconds on the monotonic clock. */
  readonly startedAt: number
  // Read at once: a closed socket has no address any more, and frameworks change `url` and `method` while
  // they route.
  readonly remoteAddress: string
  readonly method: string
  readonly url: string
  /** Bytes that the app has given as the body. */
  bytes: number
  /** What the client got instead of the app's response, whatever the app may still write. */
  sentByServer: ServerResponseSent | undefined
  /**
   * How many bytes its connection had carried before it. Only known for a body in several pieces: a small
   * response has no use for it.
   */
  offset: number | undefined
  /** What of the response had left when its connection ended. Undefined: that did not happen, or all. */
  left: Left | undefined
  /** Set when the server has decided it. */
  outcome: AccessEntry['outcome'] | undefined
}

export interface Left {
  readonly head: boolean
  /** Of the body. */
  readonly bytes: number
}

export interface RecordedResponse extends ServerResponse {
  [recordKey]: RequestRecord
}

/**
 * Starts the record of a request. `write` and `end` become properties of the response itself: Express gives
 * it another prototype.
 */
export function beginRecord(response: ServerResponse, startedAt: number): void {
  const { socket, method = '', url = '' } = response.req
  const recorded = response as RecordedResponse // becomes one with the next line
  recorded[recordKey] = {
    startedAt,
    remoteAddress: peerAddress(socket),
    method,
    url,
    bytes: 0,
    sentByServer: undefined,
    offset: undefined,
    left: undefined,
    outcome: undefined,
  }
  recorded.write = countedWrite
  recorded.end = countedEnd
}

/** Records that the server has sent a response in place of the app's. */
export function recordSentByServer(response: ServerResponse, sent: ServerResponseSent): void {
  const record = recordOf(response)
  if (record) record.sentByServer = sent
}

/** Records that the server has ended the response, because it took too long. */
export function recordTimeout(response: ServerResponse): void {
  const record = recordOf(response)
  if (record) record.outcome = 'timeout'
}

/** Records that the server refuses the request, or its body. */
export function recordInvalid(response: ServerResponse): void {
  const record = recordOf(response)
  if (record) record.outcome = 'invalid'
}

/** Records that this process ends. */
export function recordCrash(response: ServerResponse): void {
  const record = recordOf(response)
  if (record) record.outcome ??= hasLeft(response) ? 'complete' : 'crashed'
}

/** Whether the whole response has left this process, although Node has not emitted `close` yet. */
export function hasLeft(response: ServerResponse): boolean {
  const { req, socket, writableEnded, writableFinished, writableLength } = response
  if (writableFinished) return wasSent(response)
  if (!writableEnded || socket === null) return false
  return writableLength === socket.writableLength && bytesUnsent(req.socket) === 0
}

/** Records that nothing of a response was sent: it has waited for another one when its connection ended. */
export function recordNotSent(response: ServerResponse): void {
  const record = recordOf(response)
  if (record) record.left = { head: false, bytes: 0 }
}

/**
 * Records what of the response on the wire has left. `sent`: of all that was ever sent on its connection;
 * undefined if that is unknown by now: then what was recorded before stays.
 */
export function recordLeft(response: ServerResponse, socket: Socket, sent: number | undefined): void {
  const record = recordOf(response)
  if (record && (sent !== undefined || record.left === undefined))
    record.left = leftOf(response, record, { socket, sent: sent ?? bytesWritten(socket) })
}

interface Wire {
  readonly socket: Socket
  readonly sent: number
}

/** With chunked encoding the sizes of the chunks count too, as long as the body is not complete. */
function leftOf(response: ServerResponse, { bytes, offset }: RequestRecord, { socket, sent }: Wire): Left {
  const length = headLength(response)
  // Without an offset all that was written is head and body, in one piece.
  const before = offset ?? Math.max(0, bytesWritten(socket) - length - bytes)
  return { head: sent > before, bytes: Math.max(0, Math.min(bytes, sent - before - length)) }
}

/** Returns undefined when there is no access log. */
function recordOf(response: ServerResponse): RequestRecord | undefined {
  return (response as Partial<RecordedResponse>)[recordKey]
}

/** What has left of a response whose connection is still open, or has ended with nothing unsent. */
export function leftNow(response: ServerResponse, record: RequestRecord): Left {
  const { socket } = response.req
  return socket.destroyed
    ? { head: true, bytes: record.bytes }
    : leftOf(response, record, { socket, sent: bytesSent(socket) })
}

// The parameters of all overloads of `write` and `end` are passed on unchanged; Node checks them itself.

function countedWrite(
  this: RecordedResponse,
  chunk: unknown,
  encoding?: unknown,
  callback?: unknown,
): boolean {
  const record = this[recordKey]
  // A response without a socket waits for another one, which is still being sent.
  if (record.bytes === 0 && this.socket)
    record.offset = bytesWritten(this.socket) - (headWasSent(this) ? headLength(this) : 0)
  record.bytes += byteLength(chunk, encoding)
  return inherited(this).write.call(this, chunk, encoding as BufferEncoding, callback as () => void)
}

function countedEnd(
  this: RecordedResponse,
  chunk?: unknown,
  encoding?: unknown,
  callback?: unknown,
): RecordedResponse {
  if (chunk !== undefined) this[recordKey].bytes += byteLength(chunk, encoding)
  inherited(this).end.call(this, chunk, encoding as BufferEncoding, callback as () => void)
  return this
}

function inherited(response: ServerResponse): ServerResponse {
  // a framework may have given it another prototype, but always one of responses
  return Object.getPrototypeOf(response) as ServerResponse
}

function byteLength(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string')
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
  return chunk instanceof Uint8Array ? chunk.byteLength : 0
}
