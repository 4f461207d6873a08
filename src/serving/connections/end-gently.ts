// Runs in a worker: closes a connection on which the client may still send. Closing the socket then is a
// reset, which can discard what the client has not read yet.

import type { Socket } from 'node:net'

/** Milliseconds that a client has to read the last response and to close. */
const lingering = 2000

/** Half-closes the connection; what still arrives has to be read by the caller. */
export function endGently(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), lingering).unref()
  socket.once('close', () => clearTimeout(timer))
  socket.end()
}
