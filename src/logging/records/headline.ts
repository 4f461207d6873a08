// Any process: an error in one line, for a record whose stack stands below: what failed, and why.

import { messageOf } from '../../os/error-message.ts'
import { rootCause } from '../../os/root-cause.ts'

/** `fetch failed: connect ECONNREFUSED 127.0.0.1:35099`. Never throws. */
export function headline(error: unknown): string {
  try {
    const message = messageOf(error)
    const root = messageOf(rootCause(error))
    return message.includes(root) ? message : `${message}: ${root}`
  } catch {
    return 'an error that cannot be shown: inspecting it throws'
  }
}
