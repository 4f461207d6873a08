// Runs in a worker: how a request ends whose time is over. The client gets a 503, or sees its connection
// closed when the head is out. To the app the response is from then on one whose client has left: whatever it
// still writes goes nowhere, and no error comes of it.

import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { answeredByServer, timedOut } from './response.ts'

/**
 * Milliseconds that a client has to read the 503 and to close: a reset on the body that it still sends could
 * take the answer away.
 */
const lingering = 2000

const text = 'the request took too long\n'
const head =
  'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: ' +
  `text/plain\r\nContent-Length: ${text.length}\r\n\r\n`

/**
 * Ends the response that is under way on a connection, and the connection with it. Answers whether the client
 * got a 503.
 */
export function giveUp(response: ServerResponse, socket: Socket): boolean {
  timedOut(response)
  const isHeld = response.socket === socket // else the app has taken the connection for itself
  if (!isHeld) leave(response)
  if (!isHeld || headIsOut(response) || !socket.writable) {
    socket.destroy()
    return false
  }
  const body = response.req.method === 'HEAD' ? '' : text
  answeredByServer(response, { status: 503, bytes: body.length })
  leave(response, socket)
  sendLast(response, socket, head + body)
  return true
}

/**
 * The app's response gets a connection that is gone, so that Node itself ends it as it always does, with
 * `close` and without an error.
 */
export function leave(response: ServerResponse, socket?: Socket): void {
  if (response.destroyed) return
  const gone = new Socket()
  gone.destroy()
  if (socket) response.detachSocket(socket)
  response.assignSocket(gone)
  response.destroy()
}

function sendLast({ req }: ServerResponse, socket: Socket, answer: string): void {
  socket.write(answer)
  const timer = setTimeout(() => socket.destroy(), lingering).unref()
  socket.once('close', () => clearTimeout(timer))
  if (req.complete) return socket.destroySoon()
  socket.end()
  req.resume() // what still comes of the body is read, and dropped if the app does not want it
}

/**
 * Node counts a head that writeHead() has made as sent, but keeps it until the body begins: then there is
 * still time for a 503.
 */
function headIsOut(response: ServerResponse): boolean {
  return response.headersSent && Reflect.get(response, '_headerSent') !== false
}
