// Runs in a worker: what a client gets whose bytes are no HTTP request, or come too slowly, and the access
// line for it. The answers are those of Node's own default (lib/_http_server.js, socketOnError), which a
// `clientError` listener replaces.

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { WriteAccess } from './access.ts'
import type { Connection } from '../connections/table.ts'
import { answeredByServer } from './response.ts'

const statuses: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Payload Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
}
const badRequest = [400, 'Bad Request'] as const

export interface InvalidRequest {
  readonly error: Error
  readonly socket: Socket
  /** What is known of the connection, if it is still open. */
  readonly connection: Connection | undefined
}

export function answerInvalid(
  { error, socket, connection }: InvalidRequest,
  writeAccess: WriteAccess | undefined,
): void {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const [status, reason] = statuses[code] ?? badRequest
  // A client that resets its connection has sent no invalid request.
  const answerable = socket.writable && code !== 'ECONNRESET' && code !== 'EPIPE'
  if (answerable && !responseBegun(connection)) {
    const unfinished = unfinishedRequest(connection)
    // One line for each request: what is wrong with the body of one is told by its own.
    if (unfinished) answeredByServer(unfinished, { status, bytes: 0 })
    else writeAccess?.invalid(socket, status)
    socket.write(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  }
  socket.destroy(error)
}

/** Whether a response on this connection has sent its head: a second one must not be mixed into its body. */
function responseBegun(connection: Connection | undefined): boolean {
  return connection !== undefined && connection.inFlight > 0 && connection.latest?.headersSent === true
}

/** The response to a request whose body has not come whole. */
function unfinishedRequest(connection: Connection | undefined): ServerResponse | undefined {
  return connection?.latest?.req.complete === false ? connection.latest : undefined
}
