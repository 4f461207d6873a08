// Runs in a worker: from a request to its access line. Only in the request path when there is an access log.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { AccessEntry, FormatAccess } from '../../logging/access/entry.ts'
import type { RequestLogs } from '../../logging/records/request-log.ts'
import { beginRecord, FinishedRequest } from './response.ts'
import { watchUpgrade } from '../connections/upgrade-record.ts'

/** Writes one line for each request. */
export interface WriteAccess {
  /** A request has come, and the app has not seen it yet; `now` is on the monotonic clock. */
  begin(response: ServerResponse, now: number): void
  /** The response is complete, or its connection is gone; `now` is on the monotonic clock. */
  finish(response: ServerResponse, now: number): void
  /** What arrived was no request that could be read. */
  invalid(socket: Socket, status: number): void
  /** The request has left HTTP/1 for another protocol; its line comes when the connection ends. */
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
    upgraded: (request, socket) =>
      watchUpgrade(request, socket, {
        idOf: () => requests.plainIdOf(request),
        write: (entry) => write(format(entry)),
      }),
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
    requestHeader: () => undefined,
    requestId: () => undefined,
    responseHeader: () => undefined,
  }
}
