// Runs in a worker: the adapter for an http.Server of the user that never listens. Its request listeners are
// called as the server would call them.

import type { Server } from 'node:http'
import type { RequestHandler, UpgradeHandler } from '../model/app.ts'
import { isThenable } from '../../os/type-checks.ts'
import { upgradesOf } from '../requests/upgrades.ts'

/** Reads the listeners at each request, because libraries such as socket.io replace them. */
export function adaptServer(server: Server): { handle: RequestHandler; upgrade: UpgradeHandler | undefined } {
  const handle: RequestHandler = (request, response) => {
    // Not emit(), which drops the promises of the listeners and their errors.
    const promises = server
      .rawListeners('request')
      .map((listener): unknown => Reflect.apply(listener, server, [request, response]))
      .filter(isThenable)
    return promises.length > 0 ? Promise.all(promises) : undefined
  }
  return { handle, upgrade: upgradesOf(server) }
}
