// Runs in a worker: a client that speaks plain HTTP to an address with TLS, usually because of `http://` in a
// link. nginx responds with 400 too.

import type { Socket } from 'node:net'
import { endGently } from '../connections/end-gently.ts'

export const plainStatus = 400

const text = 'this port speaks HTTPS, and the request was sent without TLS: use https://\n'
const response =
  `HTTP/1.1 ${plainStatus} Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
  `Content-Length: ${text.length}\r\n\r\n${text}`

/** Responds, and reads what the client still sends until it has read the response. */
export function refusePlain(socket: Socket): void {
  socket.on('error', () => socket.destroy()) // the client has left
  socket.write(response)
  endGently(socket)
  socket.resume()
}
