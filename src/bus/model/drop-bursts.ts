// Counts dropped messages, and reports them once for many: soon after the first, then at most once a minute.
// Client and broker.

import type { Clock } from '../../os/system/clock.ts'

/** Milliseconds from the first drop to its report, and between two reports. */
const [soon, pause] = [1000, 60_000]

export class DropBursts {
  readonly #clock: Clock
  readonly #report: (messages: number) => void
  #count = 0
  #isDue = false
  #notBefore = -Infinity

  constructor(clock: Clock, report: (messages: number) => void) {
    this.#clock = clock
    this.#report = report
  }

  note(): void {
    this.#count += 1
    if (this.#isDue) return
    this.#isDue = true
    const delay = Math.max(soon, this.#notBefore - this.#clock.now())
    this.#clock.after(delay, () => this.#send())
  }

  #send(): void {
    const count = this.#count
    this.#count = 0
    this.#isDue = false
    this.#notBefore = this.#clock.now() + pause
    this.#report(count)
  }
}
