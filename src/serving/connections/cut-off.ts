// Runs in a worker: the end of what is still open at `graceful_timeout`. Each connection is ended properly
// and gets a moment in which the client may close it too: closing it while the client sends would be a reset,
// which takes away what was sent before.

import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { Connection, Connections } from './table.ts'

/** Milliseconds for clients to take the end of their connection. */
const lingering = 500
/** Milliseconds to wait for sockets that were destroyed to say so. */
const closePatience = 1000

/**
 * Fulfils when the closed connections have ended their requests, so that each has its access line; with the
 * requests.
 */
export async function cutOff(
  connections: Connections,
  { atOnce }: { readonly atOnce: boolean },
): Promise<readonly string[]> {
  const cut = [...connections.all()].flatMap(nameOf)
  if (!atOnce) {
    for (const connection of connections.all()) endProperly(connection)
    await ended(connections, lingering)
  }
  for (const { socket } of connections.all()) socket.destroy()
  await ended(connections, closePatience)
  return cut
}

function nameOf({ inFlight, latest, upgrade }: Connection): readonly string[] {
  if (upgrade) return [`${upgrade.request} (${upgrade.isWebSocket ? 'websocket' : 'upgraded'})`]
  return inFlight > 0 && latest ? [`${latest.req.method ?? '-'} ${latest.req.url ?? '-'}`] : []
}

function endProperly({ socket, latest }: Connection): void {
  // The app may go on writing, which is an error from now on, and not one of the app's.
  socket.on('error', () => socket.destroy())
  socket.end()
  latest?.req.resume() // what comes of a body is read and dropped
}

async function ended(connections: Connections, within: number): Promise<void> {
  const giveUpAt = performance.now() + within
  const isOpen = (): boolean => connections.size > 0 || connections.busy > 0
  for (let turn = 0; isOpen() && performance.now() < giveUpAt; turn += 1)
    await (turn < 10 ? nextTurn() : delay(5))
}
