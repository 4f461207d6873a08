// Runs in a worker: protocol upgrades that a server of the user listens for, and the errors of their
// handlers.

import type { Server } from 'node:http'
import type { ReportError, UpgradeHandler } from '../model/app.ts'
import { isThenable } from '../../os/type-checks.ts'

/** Returns a handler that emits upgrades on a server of the user; undefined without 'upgrade' listeners. */
export function upgradesOf(server: Server): UpgradeHandler | undefined {
  if (server.listenerCount('upgrade') === 0) return undefined
  return (request, socket, head) => server.emit('upgrade', request, socket, head)
}

/** Returns a handler whose errors are reported and close the socket; an upgrade has no response to send. */
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
