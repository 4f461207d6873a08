// A clock that only moves when a test moves it.

import type { Clock, Timer } from '../../src/os/system/clock.ts'

export class FakeClock implements Clock {
  #now = 0
  #timers: { readonly at: number; readonly callback: () => void }[] = []

  now(): number {
    return this.#now
  }

  after(milliseconds: number, callback: () => void): Timer {
    const timer = { at: this.#now + milliseconds, callback }
    this.#timers.push(timer)
    return { cancel: () => void (this.#timers = this.#timers.filter((each) => each !== timer)) }
  }

  /** When the next timer is due; undefined without one. */
  get nextAt(): number | undefined {
    return this.#next(Infinity)?.at
  }

  /** Moves on, and calls the timers that are due in their order. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      const due = next
      this.#timers = this.#timers.filter((each) => each !== due)
      this.#now = Math.max(this.#now, due.at)
      due.callback()
    }
    this.#now = end
  }

  /** As if this process was stopped for this long: no timer runs in time. */
  jump(milliseconds: number): void {
    this.#now += milliseconds
  }

  #next(end: number): { readonly at: number; readonly callback: () => void } | undefined {
    return this.#timers.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0]
  }
}
