// Runs in a worker: the body of a request cannot be completed, and its client still gets a response. The app,
// which may wait for the body, gets an error from it.

import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { abortRequest } from '../../app/requests/signal.ts'

/** Destroys a request and not its connection: what still arrives is discarded. */
export function failBody(request: IncomingMessage, error: Error): void {
  abortRequest(request, 'gone')
  request.push = () => true
  const { socket } = request
  // Node destroys the connection of a request with it, unless that was destroyed before.
  request.socket = new Socket().destroy()
  request.destroy(error)
  request.socket = socket
}
