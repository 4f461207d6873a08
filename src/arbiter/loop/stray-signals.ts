// Runs in the arbiter: which signals of a worker were meant for it alone. One that was sent to the whole
// process group (Ctrl-C, `kill -- -PGID`, systemd) has reached the arbiter as well, which acts on it for
// all. Pure.

import { isArbiterSignal, type ArbiterSignal } from '../model/signals.ts'

/** Milliseconds between the same signal at the arbiter and at a worker that belong together. */
const together = 5000

export class StraySignals {
  readonly #last = new Map<ArbiterSignal, number>()

  /** The arbiter itself has got the signal. */
  note(signal: ArbiterSignal, now: number): void {
    this.#last.set(signal, now)
  }

  isStray(signal: string, now: number): boolean {
    const name = signal as NodeJS.Signals // only looked up
    const at = isArbiterSignal(name) ? this.#last.get(name) : undefined
    return at === undefined || now - at > together
  }
}
