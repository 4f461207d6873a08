// Runs in the main thread of a worker: what it knows of one of its threads.

import type { ErrorReport } from '../../ipc/messages.ts'
import { headline } from '../../logging/records/headline.ts'
import type { ServingThread, ThreadEnd } from './serving-thread.ts'
import type { ThreadWatch } from './thread-watch.ts'

export interface Member {
  readonly index: number
  readonly thread: Pick<ServingThread, 'id' | 'post' | 'terminate'>
  /** It does not replace another one. */
  readonly isFirst: boolean
  /** When it began to serve, on the monotonic clock. */
  readyAt: number | undefined
  watch: Pick<ThreadWatch, 'end'> | undefined
  /** It does not accept any more. */
  isShut: boolean
  /** It was stuck in JavaScript, as the arbiter knows, and is terminated. */
  isTerminated: boolean
  /** It was stuck in native code, and may be so still. */
  isLost: boolean
  /** It waits until the process has the user and group of the workers. */
  waitsForIdentity: boolean
  /** What it has said of its end. */
  error: ErrorReport | undefined
}

export function newMember(index: number, thread: Member['thread'], isFirst: boolean): Member {
  return {
    index,
    thread,
    isFirst,
    readyAt: undefined,
    watch: undefined,
    isShut: false,
    isTerminated: false,
    isLost: false,
    waitsForIdentity: false,
    error: undefined,
  }
}

/** Why it has ended, as the rest of a sentence. */
export function howEnded({ error }: Pick<Member, 'error'>, end: ThreadEnd): string {
  if (error) return `has ended: ${error.message}`
  if (end.error) return `has ended: ${outOfMemory(end.error) ?? headline(end.error)}`
  return `has ended: process.exit(${end.code}), called by the app or a library`
}

function outOfMemory(error: Error): string | undefined {
  if (!('code' in error) || error.code !== 'ERR_WORKER_OUT_OF_MEMORY') return undefined
  return 'its heap is full; find the leak, or raise the limit with NODE_OPTIONS=--max-old-space-size=MIB'
}
