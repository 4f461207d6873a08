// Runs in the watchdog thread of a worker: how long the main thread may be silent. Pure. The thread forgives
// its own lateness: when it did not run either (a suspended machine, a stopped process), the silence says
// nothing.

import type { Phase } from './pulse.ts'

export interface Limits {
  /** Milliseconds of silence of a worker that serves; 0 is no limit. */
  readonly timeout: number
  /** Milliseconds of the shared clock at which the boot has to be done; null is no limit. */
  readonly bootEndsAt: number | null
}

export interface Observation {
  readonly phase: Phase
  readonly lastBeat: number
  readonly debugged: boolean
  readonly now: number
}

/** `wait`: look again after so many milliseconds. */
export type Verdict =
  { readonly type: 'wait'; readonly within: number } | { readonly type: 'stuck'; readonly silent: number }

/** Milliseconds between two looks at the most. */
const longestSleep = 250
/** Milliseconds by which any thread may wake up late. */
const tolerance = 200

export class Patience {
  readonly #timeout: number
  #bootEndsAt: number
  /** Silence counts from here. */
  #since: number
  #due: number

  constructor({ timeout, bootEndsAt }: Limits, now: number) {
    this.#timeout = timeout
    this.#bootEndsAt = bootEndsAt ?? Infinity
    this.#since = now
    this.#due = now
  }

  look({ phase, lastBeat, debugged, now }: Observation): Verdict {
    this.#forgive(now)
    if (debugged) this.#since = now
    const limit = phase === 'boot' ? this.#bootEndsAt : this.#limit(lastBeat)
    if (now >= limit && !debugged) return { type: 'stuck', silent: now - lastBeat }
    const within = debugged ? longestSleep : Math.max(1, Math.min(longestSleep, limit - now))
    this.#due = now + within
    return { type: 'wait', within }
  }

  #limit(lastBeat: number): number {
    return this.#timeout === 0 ? Infinity : Math.max(lastBeat, this.#since) + this.#timeout
  }

  #forgive(now: number): void {
    const late = now - this.#due
    if (late <= tolerance) return
    this.#since = now
    this.#bootEndsAt += late
  }
}
