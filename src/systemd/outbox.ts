// Runs in the arbiter: sends messages to the supervisor in order, without blocking. Those that it does not
// accept yet wait in a short queue.

import type { SendNotification } from '../os/system/notify.ts'
import { toError } from '../logging/records/describe-error.ts'

/** How many messages wait for a supervisor that does not read. Then the oldest one is dropped. */
const longestQueue = 16

export class Outbox {
  readonly #send: SendNotification
  /** Called once, with the first failure. */
  readonly #onFailure: (error: Error) => void
  #waiting: string[] = []
  #hasFailed = false

  constructor(send: SendNotification, onFailure: (error: Error) => void) {
    this.#send = send
    this.#onFailure = onFailure
  }

  /** Sends a message now, or when the supervisor accepts it. */
  put(assignments: readonly string[]): void {
    this.#waiting.push(assignments.join('\n'))
    if (this.#waiting.length > longestQueue) this.#waiting.shift()
    this.#flush()
  }

  /** Sends a message now or not at all, because it is of no use later. Returns whether it was sent. */
  offer(assignments: readonly string[]): boolean {
    this.#flush()
    return this.#waiting.length === 0 && (assignments.length === 0 || this.#trySend(assignments.join('\n')))
  }

  #flush(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (!this.#trySend(next)) return
      this.#waiting.shift()
    }
  }

  #trySend(message: string): boolean {
    try {
      this.#send(message)
      return true
    } catch (error) {
      const isFirst = !this.#hasFailed
      this.#hasFailed = true // before the call, which may send a message itself
      if (isFirst) this.#onFailure(toError(error))
      return false
    }
  }
}
