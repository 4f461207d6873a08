// Runs in the arbiter: how far a stop has come. A quick stop overtakes a graceful one, and does not wait for
// on_stopping twice. Pure.

import type { StopMode } from '../model/orders.ts'

/**
 * What a request to stop asks for: `announce` runs on_stopping, after which the workers are stopped; `order`
 * stops them now.
 */
export type StopStep = 'announce' | 'order' | 'nothing'

export class StopSteps {
  #mode: StopMode | undefined
  #ordered = false
  /** When `drain_delay` is over, in monotonic milliseconds. */
  #delayedUntil = -Infinity
  #isAnnounced = false

  /** Undefined while the server serves. */
  get mode(): StopMode | undefined {
    return this.#mode
  }

  /** The workers have the order to stop. */
  get isOrdered(): boolean {
    return this.#ordered
  }

  /** When the workers get the order; Infinity while on_stopping runs, and when they have it. */
  get orderAt(): number {
    return this.#isAnnounced && !this.#ordered ? this.#delayedUntil : Infinity
  }

  request(mode: StopMode): StopStep {
    const before = this.#mode
    if (before === undefined) {
      this.#mode = mode
      return 'announce'
    }
    if (mode === 'graceful') return 'nothing'
    if (before === 'quick') return this.#ordered ? 'nothing' : 'order'
    this.#mode = 'quick'
    return 'order'
  }

  /** The workers serve until then. */
  delay(until: number): void {
    this.#delayedUntil = until
  }

  /** on_stopping is done. */
  announced(): void {
    this.#isAnnounced = true
  }

  order(): void {
    this.#ordered = true
  }
}

interface StopSituation {
  readonly mode: StopMode
  /** Milliseconds. */
  readonly drain_delay: number
  readonly workers: readonly { readonly state: string }[]
}

/** Milliseconds that the workers keep serving: no client sends requests to a server that was never ready. */
export function drainDelay({ mode, drain_delay, workers }: StopSituation): number {
  return mode === 'graceful' && workers.some(({ state }) => state === 'ready') ? drain_delay : 0
}
