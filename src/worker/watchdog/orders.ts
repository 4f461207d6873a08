// What the main thread of a worker passes to its watchdog thread at the start.

import type { Limits } from './stuck-check.ts'

export interface WatchOrders extends Limits {
  /** The shared memory of a Pulse and of a Board. */
  readonly pulse: SharedArrayBuffer
  readonly board: SharedArrayBuffer
  /** The pid of the arbiter. */
  readonly master: number
  /** `sharedNow` minus `performance.now` of the main thread. */
  readonly clockOffset: number
  /** The process may have to end at a moment. */
  readonly mayEnd: boolean
  /** Milliseconds that worker_abort may take. */
  readonly hookWithin: number
}
