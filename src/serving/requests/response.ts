// Runs in a worker: one request from its beginning to its end, as the access log sees it. The response
// carries a record of what is known at the beginning, and counts on it what the app sends; one entry, used
// again for each line, shows record and response to the format.

import { Buffer } from 'node:buffer'
import type { ServerResponse } from 'node:http'
import type { AccessEntry } from '../../logging/access/entry.ts'
import { findHeader } from '../../logging/access/raw-headers.ts'
import type { RequestLogs } from '../../logging/records/request-log.ts'

/**
 * nginx's code for it: the connection ended before there was a response. `statusCode` would say 200, which
 * nobody has got.
 */
const unanswered = 499

const recordKey = Symbol('tsgun.record')

/** `bytes`: of the body. */
export interface ServerAnswer {
  readonly status: number
  readonly bytes: number
}

/** A plain object with only what the beginning of a request knows: one is made for each request. */
interface RequestRecord {
  /** Milliseconds on the monotonic clock. */
  readonly startedAt: number
  // Asked for at once: a connection that is gone has no address any more, and frameworks change `url` and
  // `method` while they route.
  readonly remoteAddress: string
  readonly method: string
  readonly url: string
  /** Bytes that the app has given as the body. */
  bytes: number
  /** What the client got in place of the app's response, whatever the app may still write. */
  serverAnswer: ServerAnswer | undefined
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
    remoteAddress: socket.remoteAddress ?? '',
    method,
    url,
    bytes: 0,
    serverAnswer: undefined,
    timedOut: false,
  }
  recorded.write = countedWrite
  recorded.end = countedEnd
}

/** The server answers for the app. */
export function answeredByServer(response: ServerResponse, answer: ServerAnswer): void {
  const record = recordOf(response)
  if (record) record.serverAnswer = answer
}

/** The server ends the response, because it took too long. */
export function timedOut(response: ServerResponse): void {
  const record = recordOf(response)
  if (record) record.timedOut = true
}

/** Absent when there is no access log. */
function recordOf(response: ServerResponse): RequestRecord | undefined {
  return (response as Partial<RecordedResponse>)[recordKey]
}

/**
 * What the access log shows of a response whose record was begun. One serves for all lines of a worker, one
 * after another.
 */
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

  /** The response is complete, or its connection is gone; `now` is on the monotonic clock. */
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
      record.serverAnswer?.bytes ?? (record.method === 'HEAD' || isBodiless(statusCode) ? 0 : record.bytes)
    this.status = record.serverAnswer?.status ?? (response.headersSent ? statusCode : unanswered)
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

// The overloads of write and end, passed on as they came; Node looks at them itself.

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
  // whichever prototype a framework gave it, it is one of responses
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
