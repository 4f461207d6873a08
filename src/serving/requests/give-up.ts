// Runs in a worker: ends a request that took longer than `request_timeout`. The client gets a 503; if the
// head of the response was sent before, the connection is closed. For the app the response is from then on
// one whose client has left: what it still writes is discarded, without an error.

import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { headWasSent } from '../connections/response-head.ts'
import type { Turn } from '../connections/turn.ts'
import { endGently } from '../connections/end-gently.ts'
import { plainHead } from '../syntax/plain-response.ts'
import { recordNotSent, recordSentByServer, recordTimeout } from '../records/record.ts'

const timeout = {
  status: 503,
  reasonPhrase: 'Service Unavailable',
  text: 'the request took too long\n',
} as const
const head = plainHead(timeout)

/** Ends a response that is in flight, and its connection. Returns whether the client got a 503. */
export function giveUp(response: ServerResponse, socket: Socket): boolean {
  recordTimeout(response)
  const isHeld = response.socket === socket // else the app has taken the connection for itself
  if (!isHeld) leave(response)
  if (!isHeld || headWasSent(response) || !socket.writable) {
    socket.destroy()
    return false
  }
  const body = response.req.method === 'HEAD' ? '' : timeout.text
  recordSentByServer(response, { status: timeout.status, bytes: body.length })
  leave(response, socket)
  sendLast(response, socket, head + body)
  return true
}

/**
 * Gives the app's response a destroyed socket, so that Node itself ends it as it always does, with `close`
 * and without an error.
 */
export function leave(response: ServerResponse, socket?: Socket): void {
  if (response.destroyed) return
  const destroyed = new Socket()
  destroyed.destroy()
  if (socket) response.detachSocket(socket)
  response.assignSocket(destroyed)
  response.destroy()
}

/** Ends the responses that wait behind another one: their connection has closed, or is about to. */
export function leaveWaiting({ waiting = [] }: Pick<Turn['stream'], 'waiting'>): void {
  for (const { response } of waiting) {
    recordNotSent(response)
    leave(response)
  }
}

function sendLast({ req }: ServerResponse, socket: Socket, text: string): void {
  socket.write(text)
  if (req.complete) return socket.destroySoon()
  endGently(socket)
  req.resume() // the rest of the body is read, and discarded unless the app reads it
}
