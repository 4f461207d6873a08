// Runs in the arbiter: a stop, from the order until every worker is told. Which step is next is decided in
// stopping.ts.

import type { ArbiterOptions } from '../loop/options.ts'
import type { StopMode } from '../model/orders.ts'
import { drainDelay, Stopping } from './steps.ts'
import type { Workforce } from '../pool/workforce.ts'

export interface StopParts {
  readonly workforce: Workforce
  /** The setting, in seconds. */
  readonly drain_delay: () => number
  /** Runs on_stopping; never rejects. */
  readonly announce: () => Promise<void>
}

type StopOptions = Pick<ArbiterOptions, 'clock' | 'report' | 'queue' | 'listeners'>

export class Stops {
  readonly #options: StopOptions
  readonly #parts: StopParts
  readonly #stopping = new Stopping()

  constructor(options: StopOptions, parts: StopParts) {
    this.#options = options
    this.#parts = parts
  }

  /** The server stops, or has stopped. */
  get isOn(): boolean {
    return this.#stopping.mode !== undefined
  }

  /** The workers were told. */
  get isOrdered(): boolean {
    return this.#stopping.isOrdered
  }

  /** When the workers are to be told, in monotonic milliseconds; Infinity when that is not known, or done. */
  get orderAt(): number {
    return this.#stopping.orderAt
  }

  request(mode: StopMode): void {
    const step = this.#stopping.request(mode)
    if (step === 'nothing') return
    const { workforce, drain_delay, announce } = this.#parts
    const { clock, report, queue } = this.#options
    const delay = drainDelay({ mode, drain_delay: drain_delay(), workers: workforce.roster.all() })
    this.#stopping.delay(clock.now() + delay)
    report({ type: 'stopping', mode, delay })
    workforce.callOffUnstarted()
    if (step === 'order') return this.#order()
    if (delay > 0) workforce.unready()
    void announce().then(() => queue.put({ type: 'stop_workers' }))
  }

  /** on_stopping is done. */
  announced(): void {
    this.#stopping.announced()
  }

  orderIfDue(now: number): void {
    if (now >= this.orderAt) this.#order()
  }

  /** Without a word before: the start has failed. */
  atOnce(): void {
    this.#stopping.request('quick')
    this.#order()
  }

  /** Once, or a second time when a graceful stop becomes a quick one. */
  #order(): void {
    const { workforce } = this.#parts
    this.#stopping.order()
    for (const { age } of workforce.roster.all()) {
      if (this.#stopping.mode === 'graceful') workforce.retire(age, 'stop')
      else workforce.quit(age, 'quit')
    }
    this.#options.listeners.closeAll()
  }
}
