// Runs in a worker: a request at its end, as the access log sees it. One entry, used again for each line,
// shows record and response to the format.

import type { ServerResponse } from 'node:http'
import type { AccessEntry, TlsFacts } from '../../logging/access/entry.ts'
import { findHeader } from '../../logging/access/raw-headers.ts'
import type { RequestLogs } from '../../logging/records/request-log.ts'
import { waitedOf } from '../forwarded/request-start.ts'
import { factsOf } from '../tls/facts.ts'
import { wasSent } from '../connections/broken-off.ts'
import { leftNow, recordKey, type Left, type RecordedResponse, type RequestRecord } from './record.ts'

/**
 * nginx's code for a connection that closed before the response began. `statusCode` would be 200, which the
 * client did not get.
 */
const clientClosed = 499
/** The same when the worker has ended first. */
const workerEnded = 500

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
    this.outcome = record.outcome ?? (wasSent(response) ? 'complete' : 'aborted')
    const left = this.outcome === 'complete' ? undefined : (record.left ?? leftNow(response, record))
    const hasBody = record.method !== 'HEAD' && !isBodiless(statusCode)
    this.bytes = record.sentByServer?.bytes ?? (hasBody ? (left?.bytes ?? record.bytes) : 0)
    this.status = record.sentByServer?.status ?? statusOf(response, record, left)
    return this
  }

  requestHeader(name: string): string | undefined {
    return this.#response && findHeader(this.#response.req.rawHeaders, name)
  }

  requestId(): string | undefined {
    return this.#response && this.#requests.plainIdOf(this.#response.req)
  }

  queueTime(): number | undefined {
    return this.#response && waitedOf(this.#response.req)
  }

  responseHeader(name: string): ReturnType<AccessEntry['responseHeader']> {
    return this.#response?.getHeader(name)
  }

  tls(): TlsFacts | undefined {
    return this.#response && factsOf(this.#response.req.socket)
  }
}

function statusOf(
  { headersSent, statusCode }: ServerResponse,
  { outcome }: RequestRecord,
  left: Left | undefined,
): number {
  if (headersSent && left?.head !== false) return statusCode
  return outcome === 'crashed' ? workerEnded : clientClosed
}

/** Node sends no body with these, whatever the app writes (RFC 9110, 15.3.5 and 15.4.5). */
function isBodiless(status: number): boolean {
  return status === 204 || status === 304
}
