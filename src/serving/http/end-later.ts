// Runs in a worker: a client that has ended its side while its connection waited for its turn. Its request
// and the end would be seen in the same turn of the event loop, and at the end Node's server closes the
// connection (`httpAllowHalfOpen`), before an app can respond that reads the body first.

import type { Socket } from 'node:net'
import { hasEnd } from '../../os/system/socket-figures.ts'

/** Lets the end be seen a turn after what has arrived before it, as when both are read from the kernel. */
export function endLater(socket: Socket): void {
  if (!hasEnd(socket)) return
  const { emit } = socket
  socket.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    if (event !== 'end') return Reflect.apply(emit, socket, [event, ...args]) as boolean // its own type
    socket.emit = emit
    setImmediate(() => socket.emit('end'))
    return true
  }
}
