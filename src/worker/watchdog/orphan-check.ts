// Runs in the watchdog thread of a worker: whether the master has exited, and whether the main thread then
// still turns, so that it can finish its requests. Pure.

export interface OrphanObservation {
  /** The pid of the parent process. */
  readonly parent: number
  readonly lastBeat: number
  readonly debugged: boolean
  readonly now: number
}

/** `supervised`: the master runs. `stuck`: only this thread can end the process. */
export type Orphaned = 'supervised' | 'draining' | 'stuck'

/** Milliseconds of silence. Without a master the main thread sends a beat each 250 ms. */
const longestSilence = 1250
/** Milliseconds by which this thread may be late; then the main thread has had no chance either. */
const tolerance = 500

export class OrphanCheck {
  readonly #master: number
  /** Silence before this moment does not count. */
  #since: number | undefined
  #lastCheck: number

  constructor(master: number, now: number) {
    this.#master = master
    this.#lastCheck = now
  }

  check({ parent, lastBeat, debugged, now }: OrphanObservation): Orphaned {
    const isLate = now - this.#lastCheck > tolerance
    this.#lastCheck = now
    if (parent === this.#master) return 'supervised'
    if (this.#since === undefined || isLate || debugged) this.#since = now
    return now - Math.max(this.#since, lastBeat) > longestSilence ? 'stuck' : 'draining'
  }
}
