// Runs in a worker: from a finished response to its access line. Only loaded into the request path when there is an access log.

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { AccessEntry, FormatAccess } from '../logging/access/entry.ts'
import type { MeasuredResponse } from './response.ts'

/** Writes the line of one request. */
export interface WriteAccess {
  /** The response is complete, or its connection is gone. */
  (response: MeasuredResponse, now: number): void
  /** What arrived was no request that could be read. */
  invalid(socket: Socket, status: number): void
}

export function createAccessWriter(format: FormatAccess, write: (line: string) => void): WriteAccess {
  const finished = (response: MeasuredResponse, now: number): void => write(format(new FinishedRequest(response, now)))
  const invalid = (socket: Socket, status: number): void => write(format(invalidEntry(socket, status)))
  return Object.assign(finished, { invalid })
}

class FinishedRequest implements AccessEntry {
  readonly time = Date.now()
  readonly duration: number
  readonly remoteAddress: string
  readonly method: string
  readonly url: string
  readonly httpVersion: string
  readonly status: number
  readonly bytes: number
  readonly outcome: AccessEntry['outcome']
  readonly requestHeaders: IncomingMessage['headers']
  readonly #response: MeasuredResponse

  constructor(response: MeasuredResponse, now: number) {
    const request = response.req
    this.duration = now - response.startedAt
    this.remoteAddress = response.remoteAddress
    this.method = request.method ?? ''
    this.url = response.url
    this.httpVersion = request.httpVersion
    this.status = response.statusCode
    this.bytes = request.method === 'HEAD' ? 0 : response.bodyBytes
    this.outcome = response.writableFinished ? 'complete' : 'aborted'
    this.requestHeaders = request.headers
    this.#response = response
  }

  responseHeader(name: string): ReturnType<AccessEntry['responseHeader']> {
    return this.#response.getHeader(name)
  }
}

function invalidEntry(socket: Socket, status: number): AccessEntry {
  return {
    time: Date.now(),
    duration: 0,
    remoteAddress: socket.remoteAddress ?? '',
    method: '',
    url: '',
    httpVersion: '',
    status,
    bytes: 0,
    outcome: 'invalid',
    requestHeaders: {},
    responseHeader: () => undefined,
  }
}
