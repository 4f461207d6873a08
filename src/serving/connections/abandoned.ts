// Runs in a worker: upgraded connections whose client has left and which nothing in the app reads, so that
// nothing would ever close them. They count as open, and fill a worker up to `worker_connections`.

import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { hasEnd } from '../../os/system/socket-figures.ts'
import type { Connection } from './connection.ts'
import type { Connections } from './table.ts'
import { refuseUnanswered } from './unanswered.ts'

/** Milliseconds between two checks. */
const interval = 2000
/** Milliseconds without a byte in either direction after which such a connection is closed. */
const patience = 10_000
/** Milliseconds of silence after which the kernel asks whether the client still exists (tcp(7)). */
const keepAliveDelay = 60_000

/** A client that has vanished without a FIN is found by the kernel. The app may set it otherwise. */
export function watchPeer(socket: Socket): void {
  socket.setKeepAlive(true, keepAliveDelay)
}

/** Destroys the abandoned connections from now on. */
export function closeAbandoned(connections: Connections): NodeJS.Timeout {
  const abandoned = new Abandoned(connections)
  return setInterval(() => {
    const now = performance.now()
    for (const { socket } of abandoned.find(now)) socket.destroy()
    for (const connection of connections.all()) refuseUnanswered(connection, now, isRead(connection.socket))
  }, interval).unref()
}

interface Quiet {
  readonly bytes: number
  /** Milliseconds on the monotonic clock. */
  readonly since: number
}

export class Abandoned {
  readonly #connections: Connections
  #quiet = new Map<Connection, Quiet>()

  constructor(connections: Connections) {
    this.#connections = connections
  }

  find(now: number): readonly Connection[] {
    const [before, quiet] = [this.#quiet, new Map<Connection, Quiet>()]
    this.#quiet = quiet
    for (const connection of this.#connections.all()) {
      const { socket } = connection
      if (!connection.upgrade || !hasEnd(socket) || isRead(socket)) continue
      const bytes = socket.bytesRead + socket.bytesWritten
      const last = before.get(connection)
      quiet.set(connection, last?.bytes === bytes ? last : { bytes, since: now })
    }
    return [...quiet].flatMap(([connection, { since }]) => (now - since >= patience ? [connection] : []))
  }
}

/** Something reads, or has paused what it reads. */
function isRead(socket: Socket): boolean {
  return socket.readableFlowing !== null || socket.listenerCount('readable') > 0
}
