// Runs in a worker: one request from its beginning to its end, as the access log sees it. The response
// carries a record of what is known at the beginning, and the bytes that the app sends are counted there. One
// entry, used again for each line, shows record and response to the format.

import { Buffer } from 'node:buffer'
import type { ServerResponse } from 'node:http'
import type { AccessEntry } from '../../logging/access/entry.ts'
import { findHeader } from '../../logging/access/raw-headers.ts'
import type { RequestLogs } from '../../logging/records/request-log.ts'
import { peerAddress } from './peer.ts'

/**
 * nginx's code for a connection that closed before the response began. `statusCode` would be 200, which the
 * client did not get.
 */
const clientClosed = 499

const recordKey = Symbol('tsgun.record')

/** `bytes`: of the body. */
export interface ServerResponseSent {
  readonly status: number
  readonly bytes: number
}

/** A plain object, as small as possible: one is made for each request. */
interface RequestRecord {
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
  timedOut: boolean
}

interface RecordedResponse extends ServerResponse {
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
    timedOut: false,
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
  if (record) record.timedOut = true
}

/** Returns undefined when there is no access log. */
function recordOf(response: ServerResponse): RequestRecord | undefined {
  return (response as Partial<RecordedResponse>)[recordKey]
}

/** What the access log shows of a response that has a record. All lines of a worker use the same object. */
export class FinishedRequest implements AccessEntry {
  time = 0
  duration = 0
  bytes = 0
  remoteAddress = ''
  method = ''
  url = ''
  httpVersion = ''
  status = 0
  outcome: AccessEntry['outcome'] = 'complete'
  readonly #requests: RequestLogs
  #response: ServerResponse | undefined

  constructor(requests: RequestLogs) {
    this.#requests = requests
  }

  /** The response is complete, or its connection is closed; `now` is on the monotonic clock. */
  show(response: ServerResponse, now: number): this {
    const record = (response as RecordedResponse)[recordKey] // see beginRecord
    const { statusCode } = response
    this.#response = response
    this.time = Date.now()
    this.duration = now - record.startedAt
    this.remoteAddress = record.remoteAddress
    this.method = record.method
    this.url = record.url
    this.httpVersion = response.req.httpVersion
    this.bytes =
      record.sentByServer?.bytes ?? (record.method === 'HEAD' || isBodiless(statusCode) ? 0 : record.bytes)
    this.status = record.sentByServer?.status ?? (response.headersSent ? statusCode : clientClosed)
    this.outcome = record.timedOut ? 'timeout' : response.writableFinished ? 'complete' : 'aborted'
    return this
  }

  requestHeader(name: string): string | undefined {
    return this.#response && findHeader(this.#response.req.rawHeaders, name)
  }

  requestId(): string | undefined {
    return this.#response && this.#requests.plainIdOf(this.#response.req)
  }

  responseHeader(name: string): ReturnType<AccessEntry['responseHeader']> {
    return this.#response?.getHeader(name)
  }
}

// The parameters of all overloads of `write` and `end` are passed on unchanged; Node checks them itself.

function countedWrite(
  this: RecordedResponse,
  chunk: unknown,
  encoding?: unknown,
  callback?: unknown,
): boolean {
  this[recordKey].bytes += byteLength(chunk, encoding)
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

/** Node sends no body with these, whatever the app writes (RFC 9110, 15.3.5 and 15.4.5). */
function isBodiless(status: number): boolean {
  return status === 204 || status === 304
}

function byteLength(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string')
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
  return chunk instanceof Uint8Array ? chunk.byteLength : 0
}
