// Runs in a worker: the end of its connections. http.Server.close() would reset idle keep-alive connections on which a client may be
// sending at this moment (https://github.com/nodejs/node/issues/60617). So each one is kept until it was answered with
// `Connection: close`, or was idle as long as `keepalive` allows, or the time is up.

import { setTimeout as delay } from 'node:timers/promises'
import type { Connection, Connections } from './connections.ts'

export interface DrainLimits {
  /** Milliseconds until everything is closed. */
  readonly within: number
  /** Milliseconds that a connection may be idle. */
  readonly idleLimit: number
}

const sweepInterval = 50

/** Fulfils when no connection is open, with the requests that had to be cut off. */
export async function drainConnections(connections: Connections, { within, idleLimit }: DrainLimits): Promise<readonly string[]> {
  const giveUpAt = performance.now() + within
  while (connections.size > 0) {
    const now = performance.now()
    if (now >= giveUpAt) return cutOff(connections)
    for (const connection of connections.all()) {
      connection.noticeBytes(now)
      if (isIdle(connection) && now - connection.idleSince >= idleLimit) connection.socket.destroySoon()
    }
    await delay(Math.min(sweepInterval, giveUpAt - now))
  }
  return []
}

function isIdle({ inFlight, upgraded }: Connection): boolean {
  return inFlight === 0 && !upgraded
}

function cutOff(connections: Connections): string[] {
  const cut: string[] = []
  for (const { inFlight, latest, socket } of connections.all()) {
    if (inFlight > 0 && latest) cut.push(`${latest.req.method ?? '-'} ${latest.req.url ?? '-'}`)
    socket.destroy()
  }
  return cut
}
