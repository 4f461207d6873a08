// Runs in a worker: the access record of a request that became, for example, a WebSocket. There is no
// response object: the app writes the head of its response to the socket, and the status is read from there.
// The line is written when the connection closes, as nginx does.

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { AccessEntry } from '../../logging/access/entry.ts'
import { findHeader } from '../../logging/access/raw-headers.ts'
import { factsOf } from '../tls/facts.ts'
import { onFirstWrite, statusOf } from '../connections/first-write.ts'
import { waitedOf } from '../forwarded/request-start.ts'
import { peerAddress } from './peer.ts'

export interface UpgradeLog {
  readonly idOf: () => string
  readonly write: (entry: AccessEntry) => void
}

/** Called before the app gets the socket. */
export function recordUpgrade(request: IncomingMessage, socket: Socket, { idOf, write }: UpgradeLog): void {
  const startedAt = performance.now()
  const sentBefore = socket.bytesWritten
  const { method = '', url = '', httpVersion, rawHeaders } = request
  const remoteAddress = peerAddress(socket)
  let status = 0
  onFirstWrite(socket, (head) => (status = statusOf(head)))
  socket.once('close', () => {
    write({
      remoteAddress,
      method,
      url,
      httpVersion,
      status,
      time: Date.now(),
      duration: performance.now() - startedAt,
      bytes: socket.bytesWritten - sentBefore,
      outcome: status === 0 ? 'aborted' : 'complete',
      requestHeader: (name) => findHeader(rawHeaders, name),
      requestId: idOf,
      queueTime: () => waitedOf(request),
      responseHeader: () => undefined,
      tls: () => factsOf(socket),
    })
  })
}
