// Runs in a worker: upgrade requests that nothing in the app answers. Without a response the client would
// wait for ever, or see its connection end without a reason.

import type { Socket } from 'node:net'
import { refusal, refuseUpgrade } from '../../app/requests/upgrades.ts'
import type { Connection } from './connection.ts'

/** RFC 9110, 15.5.5: the app has nothing at this path that takes an upgrade. */
const status = '404 Not Found'

/** Milliseconds that the app has for a response, for example while it looks up who the client is. */
const patience = 10_000

/**
 * Called before the app gets the socket, after all others that watch its first write. An `end()` before any
 * write, as socket.io does for a path that is not its own, sends a 404. A client that resets the connection
 * before the app listens to errors ends nothing but the connection.
 */
export function watchAnswer(socket: Socket): void {
  socket.on('error', () => socket.destroy())
  const { end } = socket
  // Replaced by the first write, with the `end` of those that watch it.
  socket.end = (...parameters: readonly unknown[]): Socket => {
    const isEmpty = typeof parameters[0] === 'function' || parameters[0] == null
    const sent = isEmpty ? [refusal(status), ...parameters.filter((each) => each != null)] : parameters
    return Reflect.apply(end, socket, sent) as Socket // the parameters of all overloads
  }
}

/** Refuses an upgrade that nothing reads and nothing has answered for too long. */
export function refuseUnanswered({ upgrade, socket }: Connection, now: number, isRead: boolean): void {
  if (upgrade === undefined || upgrade.isAnswered || isRead || now - upgrade.since < patience) return
  refuseUpgrade(socket, status)
}
