// Runs in a worker: ends what is still open at `graceful_timeout`. Each connection is half-closed, and the
// client gets a moment to close its side: to destroy the socket while the client sends would be a reset,
// which can discard what the client has not read yet.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { wait, type Clock } from '../../os/system/clock.ts'
import type { Connection } from './connection.ts'
import type { Connections } from './table.ts'

/** Milliseconds for clients to close their side. */
const lingering = 500
/** Milliseconds to wait for the `close` events of destroyed sockets. */
const closeLimit = 1000

/**
 * Resolves when the requests of the closed connections have ended, so that each has its access line. Resolves
 * with those requests, for example `GET /path`.
 */
export async function cutOff(
  connections: Connections,
  { atOnce, clock }: { readonly atOnce: boolean; readonly clock: Clock },
): Promise<readonly string[]> {
  const cut = [...connections.all()].flatMap(namesOf)
  if (!atOnce) {
    for (const connection of connections.all()) endProperly(connection)
    await ended(connections, lingering, clock)
  }
  for (const { socket } of connections.all()) socket.destroy()
  await ended(connections, closeLimit, clock)
  return cut
}

function namesOf({ stream, upgrade }: Connection): readonly string[] {
  if (upgrade) return [`${upgrade.request} (${upgrade.isWebSocket ? 'websocket' : 'upgraded'})`]
  return stream.inFlight().map(({ response: { req } }) => `${req.method ?? '-'} ${req.url ?? '-'}`)
}

function endProperly({ socket, stream: { newest } }: Connection): void {
  // The app may continue to write, which is an error from now on, but not one of the app.
  socket.on('error', () => socket.destroy())
  socket.end()
  newest?.req.resume() // the rest of a body is read and discarded
}

async function ended(connections: Connections, within: number, clock: Clock): Promise<void> {
  const giveUpAt = clock.now() + within
  const isOpen = (): boolean => connections.size > 0 || connections.busy > 0
  for (let turn = 0; isOpen() && clock.now() < giveUpAt; turn += 1)
    await (turn < 10 ? nextTurn() : wait(clock, 5))
}
