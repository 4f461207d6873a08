// Runs in a worker: what has become of the calls of one task, for its beat; and how long runs take.

export interface TaskCounters {
  /** Calls now that no process has begun. */
  readonly waiting: number
  /** Calls now that run. */
  readonly running: number
  /** Calls so far, by their ends. */
  readonly done: number
  readonly failed: number
  readonly refused: number
  readonly lost: number
  readonly cancelled: number
  readonly timed_out: number
}

export type Ending = Exclude<keyof TaskCounters, 'waiting' | 'running'>

/** The weight of the last run in the mean of all. */
const weight = 0.2
/** Seconds. */
const longestRetry = 60

export class CallStatistics {
  readonly #counts = { done: 0, failed: 0, refused: 0, lost: 0, cancelled: 0, timed_out: 0 }
  waiting = 0
  running = 0
  /** Milliseconds; undefined until a run has ended. */
  #meanTime: number | undefined

  count(ending: Ending): void {
    this.#counts[ending] += 1
  }

  /** A batch of this size has taken that long. */
  measure(milliseconds: number, batch: number): void {
    const each = milliseconds / batch
    this.#meanTime = this.#meanTime === undefined ? each : this.#meanTime + (each - this.#meanTime) * weight
  }

  /** Seconds until a queue of this length has been worked off, from 1 to 60. */
  retryAfter(queued: number, processes: number): number {
    const seconds = (queued * (this.#meanTime ?? 0)) / Math.max(1, processes) / 1000
    return Math.min(longestRetry, Math.max(1, Math.ceil(seconds)))
  }

  read(): TaskCounters {
    return { waiting: this.waiting, running: this.running, ...this.#counts }
  }
}
