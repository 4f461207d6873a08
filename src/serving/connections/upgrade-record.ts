// Runs in a worker: the access record of a request that became a WebSocket, say. There is no response object:
// the app writes the head of its answer to the socket, from where its status is read. The line comes at the
// end of the connection, as nginx has it.

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { AccessEntry } from '../../logging/access/entry.ts'
import { findHeader } from '../../logging/access/raw-headers.ts'

export interface UpgradeLog {
  readonly idOf: () => string
  readonly write: (entry: AccessEntry) => void
}

/** Before the app has the socket. */
export function watchUpgrade(request: IncomingMessage, socket: Socket, { idOf, write }: UpgradeLog): void {
  const startedAt = performance.now()
  const sentBefore = socket.bytesWritten
  const { method = '', url = '', httpVersion, rawHeaders } = request
  const remoteAddress = socket.remoteAddress ?? ''
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
      responseHeader: () => undefined,
    })
  })
}

/** Looks at what is written first, and then is out of the way. */
export function onFirstWrite(socket: Socket, look: (chunk: unknown) => void): void {
  const { write, end } = socket
  const seen = (chunk: unknown): void => {
    Object.assign(socket, { write, end })
    look(chunk)
  }
  // The overloads are passed on as they came.
  socket.write = (...parameters: readonly unknown[]): boolean => {
    seen(parameters[0])
    return Reflect.apply(write, socket, parameters) as boolean
  }
  socket.end = (...parameters: readonly unknown[]): Socket => {
    seen(parameters[0])
    return Reflect.apply(end, socket, parameters) as Socket
  }
}

/** The head has come in one piece from every server of WebSockets so far. 0 when it is none. */
function statusOf(head: unknown): number {
  return Number(/^HTTP\/1\.\d (\d{3})/.exec(textOf(head))?.[1] ?? 0)
}

/** Of what was given to a socket to be written. */
export function textOf(chunk: unknown): string {
  return typeof chunk === 'string'
    ? chunk
    : chunk instanceof Uint8Array
      ? Buffer.from(chunk).toString('latin1')
      : ''
}
