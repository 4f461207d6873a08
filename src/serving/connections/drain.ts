// Runs in a worker: closes its connections. http.Server.close() would reset idle keep-alive connections on
// which a client may be sending at this moment (https://github.com/nodejs/node/issues/60617). So each one
// stays open until it has sent a response with `Connection: close`, was idle for as long as `keepalive`
// allows, or the time is up.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { systemClock, wait, type Clock } from '../../os/system/clock.ts'
import { WebSocketClosing } from './close-websocket.ts'
import type { Connection } from './connection.ts'
import { cutOff } from './cut-off.ts'
import type { Connections } from './table.ts'

export interface DrainLimits {
  /** Milliseconds until everything is closed. */
  readonly within: number
  /** Milliseconds that a connection may be idle. */
  readonly idleLimit: number
  /**
   * Milliseconds that a new connection has at least for its first request: it was accepted a moment ago, and
   * the request is on its way.
   */
  readonly firstRequestLimit?: number | undefined
  /** Resolves when no new connection can arrive any more. */
  readonly shut: Promise<void>
  /** Default: that of the system. */
  readonly clock?: Clock
}

const sweepInterval = 50
const usualFirstRequest = 1000
/** Close frames of WebSockets are spread over a quarter of the time, and at most these milliseconds. */
const longestSpread = 5000

/**
 * Resolves when no connection is open and none can arrive, with the requests that had to be cut off, for
 * example `GET /path`.
 */
export async function drainConnections(
  connections: Connections,
  { within, idleLimit, firstRequestLimit = usualFirstRequest, shut, clock = systemClock }: DrainLimits,
): Promise<readonly string[]> {
  const giveUpAt = clock.now() + within
  let mayGrow = true
  const closed = shut.then(() => {
    mayGrow = false
  })
  if (within === 0) await closed
  const spread = Math.min(within / 4, longestSpread)
  const webSockets = new WebSocketClosing(connections, {
    until: clock.now() + spread,
    interval: sweepInterval,
  })
  while (mayGrow || connections.size > 0) {
    await readAll()
    const now = clock.now()
    if (now >= giveUpAt) return cutOff(connections, { atOnce: within === 0, clock })
    for (const connection of connections.all())
      closeIfIdle(connection, now, connection.used ? idleLimit : Math.max(idleLimit, firstRequestLimit))
    await (connections.size === 0 ? closed : wait(clock, Math.min(sweepInterval, giveUpAt - now)))
    webSockets.sweep(clock.now()) // after a wait, in which the app may have sent its own close frames
  }
  return []
}

/**
 * After the event loop was blocked, timers run before the sockets are read; after the second turn they have
 * been. So a connection with an unread request is never taken for idle.
 */
async function readAll(): Promise<void> {
  await nextTurn()
  await nextTurn()
}

function closeIfIdle(connection: Connection, now: number, limit: number): void {
  if (connection.inFlight > 0 || connection.upgrade) return
  connection.noticeBytes(now, limit)
  if (now - connection.idleSince >= limit) connection.socket.destroySoon()
}
