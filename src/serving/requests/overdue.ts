// Runs in a worker: the requests that have outlived their time, because the app has not heard, or not minded,
// that their signal fired.

import type { ServerResponse } from 'node:http'
import { isThenable } from '../../app/model/recognise.ts'

export class Overdue {
  /** Weakly: a response that nobody holds any more is one that nobody works on. */
  readonly #responses = new Set<WeakRef<ServerResponse>>()

  /** `result`: what the app's handler has returned, if it has; a promise says when the handler has ended. */
  add(response: ServerResponse, result: unknown): void {
    if (response.writableEnded) return
    const reference = new WeakRef(response)
    this.#responses.add(reference)
    const drop = (): void => void this.#responses.delete(reference)
    if (isThenable(result)) result.then(drop, drop)
  }

  /** How many there are now. */
  count(): number {
    for (const reference of this.#responses) {
      if (reference.deref()?.writableEnded !== false) this.#responses.delete(reference)
    }
    return this.#responses.size
  }
}
