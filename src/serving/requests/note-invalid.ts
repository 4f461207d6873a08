// Runs in a worker: the access line of what is no valid request, when the app responds to it itself
// (`clientError` of its server).

import { hasCode } from '../../os/error-code.ts'
import { onFirstWrite, statusOf } from '../connections/first-write.ts'
import type { WriteAccess } from './access.ts'
import type { InvalidRequest } from './invalid-request.ts'

/**
 * Calls the listeners of the app. The line has the status that they send at once; 400 when they send none.
 */
export function noteInvalid(
  { error, socket, connection }: InvalidRequest,
  writeAccess: WriteAccess | undefined,
  respond: () => void,
): void {
  // A request in flight has a line of its own, and a client that resets its connection has sent none.
  if (writeAccess === undefined || (connection?.inFlight ?? 0) > 0 || hasCode(error, 'ECONNRESET', 'EPIPE'))
    return respond()
  let status = 0
  onFirstWrite(socket, (head) => (status = statusOf(head)))
  respond()
  writeAccess.invalid(socket, status === 0 ? 400 : status)
}
