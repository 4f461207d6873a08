// Runs in the arbiter: what is to be told to the supervisor and is not sent yet. In order, without waiting,
// and never more than a few.

import type { SendNotification } from '../os/system/notify.ts'
import { toError } from '../logging/records/describe-error.ts'

/**
 * Messages that wait for a supervisor that does not read. Beyond it the oldest goes: newer ones say what
 * holds now.
 */
const longestQueue = 16

export class Outbox {
  readonly #send: SendNotification
  /** Called with the first failure of all. */
  readonly #onFailure: (error: Error) => void
  #waiting: string[] = []
  #told = false

  constructor(send: SendNotification, onFailure: (error: Error) => void) {
    this.#send = send
    this.#onFailure = onFailure
  }

  /** Sends it now, or when the supervisor takes it. */
  put(assignments: readonly string[]): void {
    this.#waiting.push(assignments.join('\n'))
    if (this.#waiting.length > longestQueue) this.#waiting.shift()
    this.#flush()
  }

  /** Sends it now or never: it is worth nothing later. Answers whether it is sent. */
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
      const isFirst = !this.#told
      this.#told = true // before it is told: who hears of it may put something in
      if (isFirst) this.#onFailure(toError(error))
      return false
    }
  }
}
