// Runs in the process of one run of a schedule: calls its run(), and ends it.

import type { Logger } from 'pino'
import { bus } from '../bus/model/bus.ts'
import type { ScheduleRun } from './context.ts'
import { Execution } from './execution.ts'

export interface RunOnceOptions {
  readonly name: string
  /** The time for which it runs, in milliseconds of the epoch. */
  readonly time: number
  readonly run: ScheduleRun
  readonly log: Logger
  /** run() has returned. */
  readonly onDone: () => void
  /** run() has failed. */
  readonly onFailure: (error: unknown) => void
}

export class RunOnce {
  readonly #options: RunOnceOptions
  readonly #execution = new Execution()

  constructor(options: RunOnceOptions) {
    this.#options = options
  }

  /** Calls run(). Returns at once. */
  begin(): void {
    this.#execution.begin(() => this.#run())
  }

  /**
   * Aborts the signal. Resolves when run() has settled, or with false after this many milliseconds, in which
   * it has not.
   */
  end(milliseconds: number): Promise<boolean> {
    this.#execution.abort(new Error(`this run of the schedule ${this.#options.name} is to end`))
    return this.#execution.ended(milliseconds)
  }

  async #run(): Promise<void> {
    const { name, time, run, log, onDone, onFailure } = this.#options
    const { signal } = this.#execution
    try {
      await run({ name, time: new Date(time), signal, log, bus })
      if (!signal.aborted) onDone()
    } catch (error) {
      if (signal.aborted) log.warn({ err: error }, `run() of the schedule ${name} failed while it ended`)
      else onFailure(error)
    }
  }
}
