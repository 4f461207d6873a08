// Runs in a worker: the end of its connections. http.Server.close() would reset idle keep-alive connections on which a client may be
// sending at this moment (https://github.com/nodejs/node/issues/60617). So each one is kept until it was answered with
// `Connection: close`, or was idle as long as `keepalive` allows, or the time is up.

import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import type { Connection, Connections } from './connections.ts'

export interface DrainLimits {
  /** Milliseconds until everything is closed. */
  readonly within: number
  /** Milliseconds that a connection may be idle. */
  readonly idleLimit: number
  /** Milliseconds that a new connection has at least for its first request: it was accepted a moment ago, and the request is on its way. */
  readonly firstRequestLimit?: number | undefined
  /** Fulfils when no new connection can come any more. */
  readonly shut: Promise<void>
}

const sweepInterval = 50
const usualFirstRequest = 1000
/** Milliseconds to wait for sockets that were destroyed to say so. */
const closePatience = 1000

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
  while (mayGrow || connections.size > 0) {
    const now = performance.now()
    if (now >= giveUpAt) return cutOff(connections)
    for (const connection of connections.all())
      closeIfIdle(connection, now, connection.used ? idleLimit : Math.max(idleLimit, firstRequestLimit))
    await (connections.size === 0 ? closed : delay(Math.min(sweepInterval, giveUpAt - now)))
  }
  return []
}

function closeIfIdle(connection: Connection, now: number, limit: number): void {
  connection.noticeBytes(now)
  if (connection.inFlight > 0 || connection.upgraded) return
  if (now - connection.idleSince >= limit) connection.socket.destroySoon()
}

/** Fulfils when the closed connections have ended their requests, so that each has its access line. */
async function cutOff(connections: Connections): Promise<readonly string[]> {
  const cut: string[] = []
  for (const { inFlight, latest, socket } of connections.all()) {
    if (inFlight > 0 && latest) cut.push(`${latest.req.method ?? '-'} ${latest.req.url ?? '-'}`)
    socket.destroy()
  }
  const giveUpAt = performance.now() + closePatience
  while ((connections.size > 0 || connections.busy > 0) && performance.now() < giveUpAt) await nextTurn()
  return cut
}
