// Runs in a worker or a task process: what its boot says about the tasks that the app may call.

import type { Logger } from '../../logging/records/logger.ts'
import type { Priority } from '../model/queues.ts'
import type { RunningFor } from '../model/task-context.ts'

/** A task of the config. */
export interface TaskTarget {
  /** The path of the socket that is the queue. */
  readonly queue: (priority: Priority) => string
  /** Milliseconds that a run may take; 0: no limit. */
  readonly timeout: number
  /** How many times a call is run when its process is lost; at least 1. */
  readonly attempts: number
  /** `max_queue`, for the estimate of `retryAfter`. */
  readonly maxQueue: number
  /** Processes of the pool, for the same. Default: 1 */
  readonly processes?: number
}

/** The request that the app is handling. */
export interface CallerRequest {
  readonly id: string
  /** Aborted when the client no longer waits. */
  readonly signal: AbortSignal
}

export interface TasksOptions {
  readonly tasks: ReadonlyMap<string, TaskTarget>
  /** Whether this process is stopping: its pools may have stopped by then. */
  readonly stopping: () => boolean
  /** The error log. */
  readonly log: () => Pick<Logger, 'warn'>
  /** In a worker: the request whose handler is running. */
  readonly currentRequest?: (() => CallerRequest | undefined) | undefined
  /** In a task process: what the present code runs for. */
  readonly currentTask?: (() => RunningFor | undefined) | undefined
  /** In a task process: the name of its task, which it may not call. */
  readonly self?: string | undefined
}
