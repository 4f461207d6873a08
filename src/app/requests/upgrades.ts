// Runs in a worker: the errors of what handles protocol upgrades.

import type { ReportError, UpgradeHandler } from '../model/app.ts'
import { isThenable } from '../../os/type-checks.ts'

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
