// Runs in a worker: what a client gets that sends something other than an HTTP request, or sends too slowly,
// and the access line for it. The responses are those of Node's own default (lib/_http_server.js,
// socketOnError), which a `clientError` listener replaces.

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { errorCode, hasCode } from '../../os/error-code.ts'
import type { WriteAccess } from './access.ts'
import type { Connection } from '../connections/connection.ts'
import { recordSentByServer } from './response.ts'

const statuses: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Payload Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
}
const badRequest = [400, 'Bad Request'] as const

export interface InvalidRequest {
  readonly error: Error
  readonly socket: Socket
  /** Undefined when it is no longer open. */
  readonly connection: Connection | undefined
}

export function respondInvalid(
  { error, socket, connection }: InvalidRequest,
  writeAccess: WriteAccess | undefined,
): void {
  const [status, reason] = statuses[errorCode(error) ?? ''] ?? badRequest
  // A client that resets its connection has sent no invalid request.
  const canRespond = socket.writable && !hasCode(error, 'ECONNRESET', 'EPIPE')
  if (canRespond && !responseBegun(connection)) {
    const unfinished = unfinishedRequest(connection)
    // One line for each request: when the body of a request is invalid, its own line has the status.
    if (unfinished) recordSentByServer(unfinished, { status, bytes: 0 })
    else writeAccess?.invalid(socket, status)
    socket.write(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  }
  socket.destroy(error)
}

/** After the head of a response was sent, a second one must not be mixed into its body. */
function responseBegun(connection: Connection | undefined): boolean {
  return (
    connection !== undefined && connection.inFlight > 0 && connection.stream.response?.headersSent === true
  )
}

/** Returns the response to a request whose body is not complete. */
function unfinishedRequest(connection: Connection | undefined): ServerResponse | undefined {
  const response = connection?.stream.response
  return response?.req.complete === false ? response : undefined
}
