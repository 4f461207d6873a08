// Runs in a worker: one request from its beginning to its end, as the access log sees it. The response carries its record, and counts on
// it what the app sends.

import { Buffer } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { AccessEntry } from '../logging/access/entry.ts'
import { findHeader } from '../logging/access/raw-headers.ts'

/** nginx's code for it: the connection ended before there was a response. `statusCode` would say 200, which nobody has got. */
const unanswered = 499

const recordKey = Symbol('tsgun.record')

interface RecordedResponse extends ServerResponse {
  [recordKey]: RequestRecord
}

export class RequestRecord implements AccessEntry {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  /** Milliseconds on the monotonic clock. */
  readonly #startedAt = performance.now()
  // Asked for at once: a connection that is gone has no address any more, and frameworks change `url` and `method` while they route.
  readonly remoteAddress: string
  readonly method: string
  readonly url: string
  time = 0
  duration = 0
  bytes = 0
  /** What the client got in place of the app's response; 0 when it got that. */
  answeredWith = 0

  constructor(response: ServerResponse) {
    const request = response.req
    this.#request = request
    this.#response = response
    this.remoteAddress = request.socket.remoteAddress ?? ''
    this.method = request.method ?? ''
    this.url = request.url ?? ''
  }

  get httpVersion(): string {
    return this.#request.httpVersion
  }

  get status(): number {
    if (this.answeredWith !== 0) return this.answeredWith
    return this.#response.headersSent ? this.#response.statusCode : unanswered
  }

  get outcome(): 'complete' | 'aborted' {
    return this.#response.writableFinished ? 'complete' : 'aborted'
  }

  requestHeader(name: string): string | undefined {
    return findHeader(this.#request.rawHeaders, name)
  }

  responseHeader(name: string): ReturnType<AccessEntry['responseHeader']> {
    return this.#response.getHeader(name)
  }

  finish(now: number): void {
    this.time = Date.now()
    this.duration = now - this.#startedAt
    if (this.method === 'HEAD' || isBodiless(this.#response.statusCode)) this.bytes = 0
  }
}

/** Starts the record of a request. `write` and `end` become properties of the response itself: Express gives it another prototype. */
export function beginRecord(response: ServerResponse): void {
  const recorded = response as RecordedResponse // becomes one with the next line
  recorded[recordKey] = new RequestRecord(response)
  recorded.write = countedWrite
  recorded.end = countedEnd
}

/** The server answers for the app: what arrives of the request's body is no body. */
export function answeredByServer(response: ServerResponse, status: number): void {
  const record = (response as Partial<RecordedResponse>)[recordKey] // absent when there is no access log
  if (record) record.answeredWith = status
}

/** Ends the record that `beginRecord` started: the response is complete, or its connection is gone. */
export function endRecord(response: ServerResponse, now: number): RequestRecord {
  const record = (response as RecordedResponse)[recordKey] // see beginRecord
  record.finish(now)
  return record
}

// The overloads of write and end, passed on as they came; Node looks at them itself.

function countedWrite(this: RecordedResponse, chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
  this[recordKey].bytes += byteLength(chunk, encoding)
  return inherited(this).write.call(this, chunk, encoding as BufferEncoding, callback as () => void)
}

function countedEnd(this: RecordedResponse, chunk?: unknown, encoding?: unknown, callback?: unknown): RecordedResponse {
  if (chunk !== undefined) this[recordKey].bytes += byteLength(chunk, encoding)
  inherited(this).end.call(this, chunk, encoding as BufferEncoding, callback as () => void)
  return this
}

function inherited(response: ServerResponse): ServerResponse {
  return Object.getPrototypeOf(response) as ServerResponse // whichever prototype a framework gave it, it is one of responses
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
