// Connects the `task()` that an app imports to the process that it runs in: its worker or task process. Any
// process.

import { GlobalLink } from '../../os/global-link.ts'
import type { Priority } from './queues.ts'

/** Options of a call. */
export interface RunOptions<Progress = unknown> {
  /**
   * Cancels the call: a task that waits never runs, a running one gets its `signal` aborted. Within a request
   * the client's disconnect cancels the call in any case.
   */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for the whole call, its time in the queue included. Default: none */
  readonly timeout?: number | undefined
  /** Calls with `high` run before all others. Default: `normal` */
  readonly priority?: Priority | undefined
  /** Called with each value that the task sends by `progress`. When it throws, the call fails. */
  readonly onProgress?: ((value: Progress) => void) | undefined
}

/** Calls of one task, without types. */
export interface TaskCalls {
  run(input: unknown, options: RunOptions): Promise<unknown>
  stream(input: unknown, options: RunOptions): AsyncGenerator<unknown, unknown, undefined>
}

export interface TaskLink {
  /** Throws for a name that is not in `tasks`. */
  readonly find: (name: string) => TaskCalls
}

export const taskLink = new GlobalLink<TaskLink>('tsgun.tasks', 1, 'find')
