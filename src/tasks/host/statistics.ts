// Runs in a task process: what it has done since its start, for its beat. Figures of several processes add
// up.

import { Histogram, type Counts } from '../model/histogram.ts'

export interface HostStatistics {
  /** Runs that have begun. */
  readonly tasks: number
  readonly batches: number
  /** Batches by their size. */
  readonly batch_sizes: Readonly<Record<number, number>>
  /** From the send of the caller to the begin, in the buckets of `Histogram`. */
  readonly waits: Counts
  /** Of batches. */
  readonly runs: Counts
  readonly failed: number
  /** Callers that left before their result, begun or not. */
  readonly cancelled: number
  readonly timed_out: number
}

export class HostCounts {
  readonly #sizes: Record<number, number> = {}
  readonly #waits = new Histogram()
  readonly #runs = new Histogram()
  tasks = 0
  failed = 0
  cancelled = 0
  timedOut = 0
  #batches = 0

  begin(size: number): void {
    this.tasks += size
    this.#batches += 1
    this.#sizes[size] = (this.#sizes[size] ?? 0) + 1
  }

  /** Milliseconds. */
  waited(time: number): void {
    this.#waits.record(time)
  }

  /** Milliseconds. */
  ran(time: number): void {
    this.#runs.record(time)
  }

  read(): HostStatistics {
    return {
      tasks: this.tasks,
      batches: this.#batches,
      batch_sizes: { ...this.#sizes },
      waits: this.#waits.counts(),
      runs: this.#runs.counts(),
      failed: this.failed,
      cancelled: this.cancelled,
      timed_out: this.timedOut,
    }
  }
}
