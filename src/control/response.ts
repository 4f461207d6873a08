// Runs in the arbiter: the responses of the control socket, sent as a whole or line by line.

import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { limits, serverName } from './protocol.ts'
import type { RequestError } from './request-error.ts'

/** Ends the response. A client that does not read it is disconnected after `limits.response`. */
export function respond(response: ServerResponse, status: number, value: unknown): void {
  response.socket?.setTimeout(limits.response)
  const text = body(value)
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  })
  response.end(text)
}

/** Begins lines of JSON, which end with the connection, at the latest when the process exits. */
export function beginLines(response: ServerResponse): void {
  response.removeHeader('transfer-encoding')
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' })
  response.flushHeaders()
}

/** Ends it. A client that does not read the rest is disconnected after `limits.response`. */
export function endLines(response: ServerResponse): void {
  response.socket?.setTimeout(limits.response)
  response.end()
}

export function respondError(
  response: ServerResponse,
  { status, message, headers, fields }: RequestError,
): void {
  if (response.headersSent) return void response.destroy()
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  respond(response, status, { error: message, ...fields })
}

/** Errors of Node's parser with a more specific status than 400. */
const statusOf: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }

/** Responds to a client that does not send HTTP, or not in time. */
export function respondMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable) return void socket.destroy()
  const status = statusOf[error.code ?? ''] ?? 400
  const head =
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nServer: ${serverName}\r\n` +
    'Content-Type: application/json\r\n\r\n'
  socket.end(`${head}${body({ error: `expected a request in HTTP/1.1: ${error.message}` })}`, () =>
    socket.destroy(),
  )
}

function body(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
