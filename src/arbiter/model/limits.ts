// The limits of one worker, fixed when it is started: those of its own generation's settings, so that a
// reload does not judge the workers of the old generation by the new settings. Types only; the rules are in
// pool/limits.ts.

/** Infinity is no limit. */
export interface WorkerLimits {
  readonly requests: number
  /** Bytes of RSS. */
  readonly memory: number
  /** Milliseconds that its event loop may be silent. */
  readonly silence: number
}

export const noLimits: WorkerLimits = { requests: Infinity, memory: Infinity, silence: Infinity }

/**
 * `heap`: V8 is about to end the process, because the heap is full. `self`: its app has sent a signal to its
 * own process. `threads`: one of its threads cannot be replaced alone. `restart`: an operator has ordered it.
 */
export const dueReasons = ['max_requests', 'max_memory', 'heap', 'self', 'threads', 'restart'] as const
export type DueReason = (typeof dueReasons)[number]

/** The worker is to be replaced. The decision stays, even if its memory shrinks again. */
export interface Due {
  readonly reason: DueReason
  /** Since when, in monotonic milliseconds. */
  readonly since: number
}
