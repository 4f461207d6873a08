// Runs in the arbiter: the answers of the control socket that are told in one go.

import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { limits } from './protocol.ts'
import type { Refusal } from './refusal.ts'

/** Ends the response. A client that does not take it is cut off after a while. */
export function answer(response: ServerResponse, status: number, value: unknown): void {
  response.socket?.setTimeout(limits.answer)
  const text = body(value)
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  })
  response.end(text)
}

export function refuse(response: ServerResponse, { status, message, headers, more }: Refusal): void {
  if (response.headersSent) return void response.destroy()
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  answer(response, status, { error: message, ...more })
}

/** What Node's parser says of a request, where it is more than a 400. */
const statusOf: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }

/** To a client that does not speak HTTP, or not in time. */
export function refuseGarbage(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable) return void socket.destroy()
  const status = statusOf[error.code ?? ''] ?? 400
  const head =
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: ` +
    'application/json\r\n\r\n'
  socket.end(`${head}${body({ error: `expected a request in HTTP/1.1: ${error.message}` })}`, () =>
    socket.destroy(),
  )
}

function body(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
