// Runs in a worker: closes a connection on which the client may still send. Closing the socket then is a
// reset, which can discard what the client has not read yet (RFC 9112, 9.6).

import type { Socket } from 'node:net'
import { bytesSent, bytesUnsent } from '../../os/system/socket-figures.ts'

/** Milliseconds between two checks. */
const interval = 250
/** Checks without a byte in either direction after which the connection is closed: two seconds. */
const patience = 8
/** Checks and bytes for which a client may go on sending after the last response: half a minute. */
const longest = 120
export const largestRest = 64 * 2 ** 20

/** Half-closes the connection; what still arrives has to be read by the caller. */
export function endGently(socket: Socket): void {
  const before = socket.bytesRead
  let [moved, silent, checks] = [before + bytesSent(socket), 0, 0]
  const timer = setInterval(() => {
    const bytes = socket.bytesRead + bytesSent(socket)
    silent = bytes === moved ? silent + 1 : 0
    moved = bytes
    if (bytesUnsent(socket) === 0) checks += 1
    if (silent >= patience || checks >= longest || socket.bytesRead - before > largestRest) socket.destroy()
  }, interval).unref()
  socket.once('close', () => clearInterval(timer))
  socket.end()
}

/** Sends the last bytes on a connection that nothing reads, and ends it; what still arrives is discarded. */
export function endWith(socket: Socket, text: string): void {
  socket.on('error', () => socket.destroy()) // the client has left
  socket.write(text)
  endGently(socket)
  socket.resume()
}
