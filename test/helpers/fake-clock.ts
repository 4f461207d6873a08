// A clock that a test moves.

import { setImmediate as nextTurn } from 'node:timers/promises'
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

  /** Moves the time without running what is due, as when the event loop is blocked. */
  jump(milliseconds: number): void {
    this.#now += milliseconds
  }

  /** Runs what is due within this many milliseconds, each at its time, without a turn of the event loop. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds
    while (this.#runNext(end));
    this.#now = end
  }

  /** The same, with turns of the event loop before and after each timer. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds
    await settle()
    while (this.#runNext(end)) await settle()
    this.#now = end
  }

  /** Lets the time pass until the promise has settled. */
  async passUntil<Value>(promise: Promise<Value>): Promise<Value> {
    let isSettled = false
    const onSettled = (): void => void (isSettled = true)
    promise.then(onSettled, onSettled)
    for (let step = 0; !isSettled && step < 10_000; step += 1) await this.pass(10)
    return promise
  }

  /** Runs the next timer that is due until `end`. Returns false when none is. */
  #runNext(end: number): boolean {
    const [next] = this.#timers.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)
    if (next === undefined) return false
    this.#timers = this.#timers.filter((each) => each !== next)
    this.#now = Math.max(this.#now, next.at)
    next.callback()
    return true
  }
}

/** Lets the code that waits for other things than time continue. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await nextTurn()
}
