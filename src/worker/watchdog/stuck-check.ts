// Runs in the watchdog thread of a worker: how long the main thread may be silent. Pure. A silence in which
// this thread did not run either (a suspended machine, a stopped process) does not count.

import type { Phase } from './pulse.ts'

export interface Limits {
  /** Milliseconds of silence of a worker that serves; 0 means no limit. */
  readonly timeout: number
  /** Milliseconds of the shared clock at which the boot has to be complete; null means no limit. */
  readonly bootEndsAt: number | null
  /** In a process of tasks the time of the task that runs is limited, and not the silence. */
  readonly byTask: boolean
}

export interface Observation {
  readonly phase: Phase
  readonly lastBeat: number
  /** When the task that runs has to end; Infinity without one that has a limit. */
  readonly taskEndsAt: number
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
  readonly #byTask: boolean
  #bootEndsAt: number
  /** Silence before this moment does not count. */
  #since: number
  #due: number
  /** The end of the task that was seen last, and by how much it is later because this thread did not run. */
  #taskEndsAt = Infinity
  #taskDelay = 0

  constructor({ timeout, bootEndsAt, byTask }: Limits, now: number) {
    this.#timeout = timeout
    this.#byTask = byTask
    this.#bootEndsAt = bootEndsAt ?? Infinity
    this.#since = now
    this.#due = now
  }

  check({ phase, lastBeat, taskEndsAt, debugged, now }: Observation): Verdict {
    if (taskEndsAt !== this.#taskEndsAt) this.#taskDelay = 0
    this.#taskEndsAt = taskEndsAt
    this.#forgive(now)
    if (debugged) this.#since = now
    const limit = phase === 'boot' ? this.#bootEndsAt : this.#limit(lastBeat)
    if (now >= limit && !debugged) return { type: 'stuck', silent: now - lastBeat }
    const within = debugged ? longestSleep : Math.max(1, Math.min(longestSleep, limit - now))
    this.#due = now + within
    return { type: 'wait', within }
  }

  #limit(lastBeat: number): number {
    if (this.#byTask) return this.#taskEndsAt + this.#taskDelay
    return this.#timeout === 0 ? Infinity : Math.max(lastBeat, this.#since) + this.#timeout
  }

  #forgive(now: number): void {
    const late = now - this.#due
    if (late <= tolerance) return
    this.#since = now
    this.#bootEndsAt += late
    this.#taskDelay += late
  }
}
