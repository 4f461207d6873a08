// Runs in the process of a service with `run`: calls its start(), once the process may run, and ends it.

import type { Logger } from 'pino'
import { wait, type Clock } from '../os/system/clock.ts'
import { within } from '../os/system/within.ts'
import type { ServiceStart } from './context.ts'

export interface RunnerOptions {
  readonly name: string
  readonly nr: number
  readonly start: ServiceStart
  readonly log: Logger
  readonly clock: Clock
  /** Tries to become the only process that runs this instance. Absent where several may. */
  readonly lock?: (() => boolean) | undefined
  /** Called once, when start() has run for a while, or has been called and is over. */
  readonly onRunning: () => void
  /** start() has failed, or has returned before its signal: this process is of no use any more. */
  readonly onFailure: (error: unknown) => void
}

/** Milliseconds between two tries to get the lock that the instance before still has. */
const lockInterval = 20
/** Milliseconds from the call of start() until a failure no longer counts against the release. */
const trial = 1000

export class Runner {
  readonly #options: RunnerOptions
  readonly #controller = new AbortController()
  #result: Promise<void> = Promise.resolve()

  constructor(options: RunnerOptions) {
    this.#options = options
  }

  /** Waits for the lock, and calls start(). Returns at once. */
  begin(): void {
    this.#result = this.#run()
  }

  /**
   * Aborts the signal. Resolves when start() has settled, or with false after this many milliseconds, in
   * which it has not.
   */
  async end(milliseconds: number): Promise<boolean> {
    this.#controller.abort(new Error(`this process of the service ${this.#options.name} is to end`))
    return within(
      this.#result.then(() => true),
      milliseconds,
      { late: false },
    )
  }

  async #run(): Promise<void> {
    const { name, nr, start, log, clock, lock, onRunning, onFailure } = this.#options
    const { signal } = this.#controller
    while (lock !== undefined && !lock()) {
      await wait(clock, lockInterval)
      if (signal.aborted) return
    }
    const timer = clock.after(trial, onRunning)
    try {
      await start({ name, nr, signal, log })
      if (!signal.aborted) throw new Error(returned(name))
    } catch (error) {
      timer.cancel()
      if (signal.aborted) log.warn({ err: error }, `start() of the service ${name} failed while it ended`)
      else onFailure(error)
    }
  }
}

function returned(name: string): string {
  return (
    `start() of the service ${name} has returned before its signal was aborted, so the service has ended; ` +
    'if it works in timers or subscriptions, wait for the signal: ' +
    "await once(signal, 'abort'), with once of node:events"
  )
}
