// Runs in a worker: the end of its connections. http.Server.close() would reset idle keep-alive connections
// on which a client may be sending at this moment (https://github.com/nodejs/node/issues/60617). So each one
// is kept until it was answered with `Connection: close`, or was idle as long as `keepalive` allows, or the
// time is up.

import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import { WebSocketClosing } from './close-websocket.ts'
import type { Connection, Connections } from './table.ts'
import { cutOff } from './cut-off.ts'

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
  /** Fulfils when no new connection can come any more. */
  readonly shut: Promise<void>
}

const sweepInterval = 50
const usualFirstRequest = 1000
/**
 * Milliseconds over which the close frames of many WebSockets are spread, at most; and a quarter of the time
 * that there is.
 */
const longestSpread = 5000

/** Fulfils when no connection is open and none can come, with the requests that had to be cut off. */
export async function drainConnections(
  connections: Connections,
  { within, idleLimit, firstRequestLimit = usualFirstRequest, shut }: DrainLimits,
): Promise<readonly string[]> {
  const giveUpAt = performance.now() + within
  let mayGrow = true
  const closed = shut.then(() => {
    mayGrow = false
  })
  if (within === 0) await closed
  const spread = Math.min(within / 4, longestSpread)
  const webSockets = new WebSocketClosing(connections, {
    until: performance.now() + spread,
    interval: sweepInterval,
  })
  while (mayGrow || connections.size > 0) {
    await readAll()
    const now = performance.now()
    if (now >= giveUpAt) return cutOff(connections, { atOnce: within === 0 })
    for (const connection of connections.all())
      closeIfIdle(connection, now, connection.used ? idleLimit : Math.max(idleLimit, firstRequestLimit))
    await (connections.size === 0 ? closed : delay(Math.min(sweepInterval, giveUpAt - now)))
    webSockets.sweep(performance.now()) // after a wait: the app may have said goodbye by itself
  }
  return []
}

/**
 * After a loop that was blocked, timers come before what has arrived meanwhile; the second turn has read
 * that. Nobody who has asked is idle.
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
