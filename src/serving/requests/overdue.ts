// Runs in a worker: the requests that were ended by `request_timeout`, and on which the app still works: it
// does not listen to their signal, or ignores it.

import type { ServerResponse } from 'node:http'
import { isThenable } from '../../os/type-checks.ts'

export class Overdue {
  /** Weak references: the app no longer works on a response that was garbage collected. */
  readonly #responses = new Set<WeakRef<ServerResponse>>()

  /**
   * `result`: what the app's handler has returned; when that is a promise, it settles when the handler ends.
   */
  add(response: ServerResponse, result: unknown): void {
    if (response.writableEnded) return
    const reference = new WeakRef(response)
    this.#responses.add(reference)
    const drop = (): void => void this.#responses.delete(reference)
    if (isThenable(result)) result.then(drop, drop)
  }

  /** Returns how many there are now. */
  count(): number {
    for (const reference of this.#responses) {
      if (reference.deref()?.writableEnded !== false) this.#responses.delete(reference)
    }
    return this.#responses.size
  }
}
