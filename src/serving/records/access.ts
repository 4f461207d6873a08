// Runs in a worker: from a request to its access line. Only in the request path when there is an access log.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { AccessEntry, FormatAccess } from '../../logging/access/entry.ts'
import { findHeader } from '../../logging/access/raw-headers.ts'
import type { RequestLogs } from '../../logging/records/request-log.ts'
import { waitedOf } from '../forwarded/request-start.ts'
import { addressOfPeer } from '../forwarded/shown-client.ts'
import { peerAddress } from './peer.ts'
import { factsOf } from '../tls/facts.ts'
import { beginRecord } from './record.ts'
import { FinishedRequest } from './response.ts'
import { recordStream } from './stream-record.ts'
import { recordUpgrade } from './upgrade-record.ts'

/** Writes one line for each request. */
export interface WriteAccess {
  /** A request has arrived, and the app has not seen it yet; `now` is on the monotonic clock. */
  begin(response: ServerResponse, now: number): void
  /** The response is complete, or its connection is closed; `now` is on the monotonic clock. */
  finish(response: ServerResponse, now: number): void
  /** The client has sent what is not a valid request, and got this status. */
  invalid(socket: Socket, status: number): void
  /** The server has refused a request for which Node makes no response object. */
  refused(request: IncomingMessage, socket: Socket, status: number): void
  /** A stream of HTTP/2 begins; call the result when it is closed. */
  stream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, now: number): (now: number) => void
  /** The request has left HTTP/1 for another protocol; its line is written when the connection closes. */
  upgraded(request: IncomingMessage, socket: Socket): void
}

export interface AccessWriterParts {
  readonly format: FormatAccess
  readonly requests: RequestLogs
  readonly write: (line: string, now?: number) => void
}

export function createAccessWriter({ format, requests, write }: AccessWriterParts): WriteAccess {
  const finished = new FinishedRequest(requests)
  return {
    begin: beginRecord,
    finish: (response, now) => write(format(finished.show(response, now)), now),
    invalid: (socket, status) => write(format(invalidEntry(socket, status))),
    refused: (request, socket, status) =>
      write(format(refusedEntry(request, socket, { status, id: requests.plainIdOf(request) }))),
    stream: (stream, headers, startedAt) => {
      const record = recordStream(stream, headers, {
        startedAt,
        idOf: (request) => requests.plainIdOf(request),
      })
      return (now) => write(format(record(now)), now)
    },
    upgraded: (request, socket) =>
      recordUpgrade(request, socket, {
        idOf: () => requests.plainIdOf(request),
        write: (entry) => write(format(entry)),
      }),
  }
}

function invalidEntry(socket: Socket, status: number): AccessEntry {
  return {
    time: Date.now(),
    duration: 0,
    remoteAddress: addressOfPeer(socket),
    method: '',
    url: '',
    httpVersion: '',
    status,
    bytes: 0,
    outcome: 'invalid',
    requestHeader: () => undefined,
    requestId: () => undefined,
    queueTime: () => undefined,
    responseHeader: () => undefined,
    tls: () => factsOf(socket),
  }
}

function refusedEntry(
  request: IncomingMessage,
  socket: Socket,
  { status, id }: { readonly status: number; readonly id: string | undefined },
): AccessEntry {
  const { method = '', url = '', httpVersion, rawHeaders } = request
  return {
    ...invalidEntry(socket, status),
    remoteAddress: peerAddress(socket),
    method,
    url,
    httpVersion,
    outcome: 'complete',
    requestHeader: (name) => findHeader(rawHeaders, name),
    requestId: () => id,
    queueTime: () => waitedOf(request),
  }
}
