// Runs in the arbiter: how far a stop has come. A quick stop overtakes a graceful one, and does not wait for on_stopping twice. Pure.

import type { StopMode } from './orders.ts'

/** What a request to stop asks for: `announce` runs on_stopping, after which the workers are told; `order` tells them now. */
export type StopStep = 'announce' | 'order' | 'nothing'

export class Stopping {
  #mode: StopMode | undefined
  #ordered = false

  /** Undefined while the server serves. */
  get mode(): StopMode | undefined {
    return this.#mode
  }

  /** The workers were told. */
  get isOrdered(): boolean {
    return this.#ordered
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

  order(): void {
    this.#ordered = true
  }
}
