// An http.Server of the user's that never listens, in a worker: its request listeners are called as the
// server would call them.

import type { Server } from 'node:http'
import type { RequestHandler, UpgradeHandler } from '../model/app.ts'
import { isThenable } from '../model/recognise.ts'
import { upgradesOf } from '../requests/upgrades.ts'

/**
 * Its listeners are read at each request: what attaches itself to a server, as socket.io does, replaces them.
 */
export function adaptServer(server: Server): { handle: RequestHandler; upgrade: UpgradeHandler | undefined } {
  const handle: RequestHandler = (request, response) => {
    // Not emit(), which drops the promises that the listeners return, and with them their errors.
    const promises = server
      .rawListeners('request')
      .map((listener): unknown => Reflect.apply(listener, server, [request, response]))
      .filter(isThenable)
    return promises.length > 0 ? Promise.all(promises) : undefined
  }
  return { handle, upgrade: upgradesOf(server) }
}
