// Connects the `task()` that an app imports to the process that it runs in: its worker or task process. Any
// process. A global symbol and not a module, for the reasons of src/logging/records/log-link.ts.

import { isObject } from '../../os/type-checks.ts'
import type { Priority } from './queues.ts'

/** Changes with every change of `TaskLink`, so that incompatible copies of the package ignore each other. */
const linkVersion = 1

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
  readonly version: typeof linkVersion
  /** Throws for a name that is not in `tasks`. */
  readonly find: (name: string) => TaskCalls
}

const linkKey = Symbol.for('tsgun.tasks')

/** Returns undefined outside of a server. */
export function findTasks(): TaskLink | undefined {
  const found: unknown = Reflect.get(globalThis, linkKey)
  return isLink(found) ? found : undefined
}

/** Installs the link. Returns a function that removes it, unless another one has replaced it. */
export function linkTasks(find: TaskLink['find']): () => void {
  const link: TaskLink = { version: linkVersion, find }
  Object.defineProperty(globalThis, linkKey, {
    value: link,
    writable: true,
    enumerable: false,
    configurable: true,
  })
  return () => {
    if (findTasks() === link) Reflect.deleteProperty(globalThis, linkKey)
  }
}

function isLink(value: unknown): value is TaskLink {
  return isObject(value) && value['version'] === linkVersion && typeof value['find'] === 'function'
}
