// Runs in a worker: the access line of what is no valid request, when the app responds to it itself
// (`clientError` of its server).

import { onFirstWrite, statusOf } from '../connections/first-write.ts'
import type { WriteAccess } from '../records/access.ts'
import { isNews, type InvalidRequest } from './invalid-request.ts'

/**
 * Calls the listeners of the app. The line has the status that they send at once; 400 when they send none.
 */
export function noteInvalid(
  invalid: InvalidRequest,
  writeAccess: WriteAccess | undefined,
  respond: () => void,
): void {
  if (writeAccess === undefined || !isNews(invalid)) return respond()
  let status = 0
  onFirstWrite(invalid.socket, (head) => (status = statusOf(head)))
  respond()
  writeAccess.invalid(invalid.socket, status === 0 ? 400 : status)
}
