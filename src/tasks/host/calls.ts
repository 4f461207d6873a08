// Runs in a task process: the system calls of its host.

import type { NativeCalls } from '../../os/system/native.ts'
import { loadHasWaiting, type HasWaiting } from '../../os/system/waiting.ts'

export interface HostCalls {
  readonly dup: NativeCalls['dup']
  readonly listen: NativeCalls['listen']
  readonly hasWaiting: HasWaiting
}

/**
 * Returns the calls, or the reason why they are not available. Without them a process accepts calls while it
 * computes, and a call that it holds does not move to a process that is free.
 */
export function loadHostCalls(native: NativeCalls | Error): HostCalls | Error {
  if (native instanceof Error) return native
  const hasWaiting = loadHasWaiting()
  return hasWaiting instanceof Error ? hasWaiting : { dup: native.dup, listen: native.listen, hasWaiting }
}
