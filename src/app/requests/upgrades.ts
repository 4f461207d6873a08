// Protocol upgrades in a worker: those that a server of the user listens for, and what happens when the
// user's code fails one.

import type { Server } from 'node:http'
import type { ReportError, UpgradeHandler } from '../model/app.ts'
import { isThenable } from '../model/recognise.ts'

/** Hands upgrades to a server that never listens itself; undefined when nobody listens for them there. */
export function upgradesOf(server: Server): UpgradeHandler | undefined {
  if (server.listenerCount('upgrade') === 0) return undefined
  return (request, socket, head) => server.emit('upgrade', request, socket, head)
}

/** What the handler throws is reported and closes the socket: there is no response to answer with. */
export function guardUpgrade(handler: UpgradeHandler, report: ReportError): UpgradeHandler {
  return (request, socket, head) => {
    const fail = (error: unknown): void => {
      report(error, request)
      socket.destroy()
    }
    try {
      const result = handler(request, socket, head)
      return isThenable(result) ? result.then(undefined, fail) : undefined
    } catch (error) {
      return fail(error)
    }
  }
}
