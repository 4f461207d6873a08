// Runs in the watchdog thread of a worker: how long the main thread may be silent. Pure. A silence in which
// this thread did not run either (a suspended machine, a stopped process) does not count.

import type { Phase } from './pulse.ts'

export interface Limits {
  /** Milliseconds of silence of a worker that serves; 0 means no limit. */
  readonly timeout: number
  /** Milliseconds of the shared clock at which the boot has to be complete; null means no limit. */
  readonly bootEndsAt: number | null
}

export interface Observation {
  readonly phase: Phase
  readonly lastBeat: number
  readonly debugged: boolean
  readonly now: number
}

/** `wait`: check again after `within` milliseconds. `silent`: milliseconds. */
export type Verdict =
  { readonly type: 'wait'; readonly within: number } | { readonly type: 'stuck'; readonly silent: number }

/** At most these milliseconds between two checks. */
const longestSleep = 250
/** Milliseconds by which any thread may wake up late. */
const tolerance = 200

export class StuckCheck {
  readonly #timeout: number
  #bootEndsAt: number
  /** Silence before this moment does not count. */
  #since: number
  #due: number

  constructor({ timeout, bootEndsAt }: Limits, now: number) {
    this.#timeout = timeout
    this.#bootEndsAt = bootEndsAt ?? Infinity
    this.#since = now
    this.#due = now
  }

  check({ phase, lastBeat, debugged, now }: Observation): Verdict {
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
