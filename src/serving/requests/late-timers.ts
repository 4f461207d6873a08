// Runs in a worker: the limits of time that Node itself checks. After the event loop was blocked Node would
// end connections whose client has sent its request in time. Here the limit counts only when what has arrived
// was read.

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { afterReads } from '../../os/system/after-reads.ts'
import type { Connection } from '../connections/connection.ts'

/**
 * The time of `socket.setTimeout` has passed, such as keepAliveTimeout of the server. `emit` calls the
 * listeners of the server; without any of the app the socket is destroyed, as by Node (lib/_http_server.js,
 * socketOnTimeout).
 */
export function onSocketTimeout(
  socket: Socket,
  connection: Connection | undefined,
  emit: () => boolean,
): void {
  const { current, newest } = connection?.stream ?? {}
  const end = (): void => {
    if (!emit() && !isForApp(current, newest)) socket.destroy()
  }
  if (current) return end()
  const { bytesRead } = socket
  afterReads(() => {
    if (socket.bytesRead === bytesRead && !socket.destroyed) end()
  })
}

/** Whether a request or response of the app has a listener for it. */
function isForApp(current: ServerResponse | undefined, newest: ServerResponse | undefined): boolean {
  const isListened = newest?.req.complete === false && newest.req.listenerCount('timeout') > 0
  return isListened || (current !== undefined && current.listenerCount('timeout') > 0)
}

/** Calls `refuse` unless the head, or the body, that is late turns out to have arrived. */
export function onRequestTimeout(connection: Connection | undefined, refuse: () => void): void {
  if (connection === undefined) return refuse()
  const { stream, inFlight, idleSince } = connection
  const { newest } = stream
  afterReads(() => {
    if (connection.socket.destroyed) return
    const hasBegun = connection.inFlight !== inFlight || connection.idleSince !== idleSince
    if (newest ? !newest.req.complete : !hasBegun) refuse()
  })
}
