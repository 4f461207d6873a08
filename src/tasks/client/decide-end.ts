// Runs in a worker: what follows when a connection to a task process ends without a result. Pure.

import { hasCode } from '../../os/error-code.ts'
import { BadFrame } from '../wire/frame.ts'

/** What has happened to a call so far. */
export interface CallSoFar {
  /** Absent while it waits. */
  readonly begun: { readonly batch: number; readonly isOverTime: boolean } | undefined
  /** Whether its input is still there, and it may be run once more. */
  readonly mayRunAgain: boolean
  /** Connections that have ended before the run began. */
  readonly returned: number
  /** Milliseconds since the queue could not be reached for the first time; 0 for the first time. */
  readonly unreachable: number
  readonly isStopping: boolean
}

export type Next =
  | { readonly do: 'connect'; readonly after: number; readonly alone: boolean }
  | { readonly do: 'fail'; readonly as: 'TASK_QUEUE_FULL' | 'TASK_STOPPING' | 'TASK_TIMEOUT' | 'TASK_LOST' }

/** Milliseconds for which a queue may be unreachable: its pool is being made. */
const patience = 5000
/** Connections that may end before the run begins: processes that end, or have begun another task. */
export const mostReturns = 100
/** Returns after which the next connection is not made at once. */
const quickReturns = 3
/** Milliseconds between attempts. */
const [shortestPause, longestPause] = [20, 250]

/** `error`: why the connection has ended, if it is known. */
export function decideEnd(error: Error | undefined, call: CallSoFar): Next {
  if (error instanceof BadFrame) return { do: 'fail', as: 'TASK_LOST' }
  if (call.begun) return afterBegin(call, call.begun)
  // The queue of a unix socket is full, or (elsewhere than on Linux) its client gets that code.
  if (hasCode(error, 'EAGAIN')) return { do: 'fail', as: 'TASK_QUEUE_FULL' }
  if (isUnreachable(error)) return whenUnreachable(call)
  if (hasCode(error, 'ECONNRESET', 'EPIPE') || error === undefined) return whenReturned(call)
  return { do: 'fail', as: 'TASK_LOST' }
}

/** Whether it says that there is no queue now. */
export function isUnreachable(error: Error | undefined): boolean {
  return hasCode(error, 'ECONNREFUSED', 'ENOENT')
}

function afterBegin({ mayRunAgain }: CallSoFar, begun: NonNullable<CallSoFar['begun']>): Next {
  // Alone it may be innocent: another one of its batch has taken too long.
  const isWorthIt = !begun.isOverTime || begun.batch > 1
  if (mayRunAgain && isWorthIt) return { do: 'connect', after: 0, alone: true }
  return { do: 'fail', as: begun.isOverTime ? 'TASK_TIMEOUT' : 'TASK_LOST' }
}

function whenUnreachable({ unreachable, isStopping }: CallSoFar): Next {
  if (isStopping) return { do: 'fail', as: 'TASK_STOPPING' }
  if (unreachable >= patience) return { do: 'fail', as: 'TASK_LOST' }
  const after = Math.min(longestPause, Math.max(shortestPause, unreachable / 2))
  return { do: 'connect', after, alone: false }
}

function whenReturned({ returned }: CallSoFar): Next {
  if (returned > mostReturns) return { do: 'fail', as: 'TASK_LOST' }
  const after = returned <= quickReturns ? 0 : Math.min(longestPause, returned * shortestPause)
  return { do: 'connect', after, alone: false }
}
