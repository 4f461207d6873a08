// Runs in a task process: which tasks the present code runs for, for the records that it logs and the tasks
// that it calls in turn.

import { AsyncLocalStorage } from 'node:async_hooks'

export interface RunningFor {
  /** Name of the task. */
  readonly task: string
  /** Ids of the requests; several for a batch. */
  readonly ids: readonly string[]
  /** Tasks that wait for this one, the outermost first, and this one. */
  readonly chain: readonly string[]
}

export class TaskContext {
  readonly #storage = new AsyncLocalStorage<RunningFor>()

  run<Result>(running: RunningFor, code: () => Result): Result {
    return this.#storage.run(running, code)
  }

  /** Undefined for code that runs for no task. */
  current(): RunningFor | undefined {
    return this.#storage.getStore()
  }

  /** Fields for a record that is logged now. */
  fields(): Readonly<Record<string, unknown>> {
    const running = this.current()
    if (running === undefined) return {}
    const { ids } = running
    return ids.length === 1 ? { request_id: ids[0] } : { request_ids: ids }
  }
}
