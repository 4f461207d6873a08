// Runs in the process of a service with `run`: calls its start(), once the process may run, and ends it.

import type { Logger } from 'pino'
import { bus } from '../bus/model/bus.ts'
import { wait, type Clock } from '../os/system/clock.ts'
import type { ServiceStart } from './context.ts'
import { Execution } from './execution.ts'
import type { Lease } from './lock/lease.ts'

export interface RunnerOptions {
  readonly name: string
  readonly nr: number
  readonly start: ServiceStart
  readonly log: Logger
  readonly clock: Clock
  /** Tries to become the only process that runs this instance. Absent where several may. */
  readonly lock?: (() => boolean) | undefined
  /** The lock over several machines, if there is one. `onLost`: start() has to end. */
  readonly lease?: ((onLost: (reason: Error) => void) => Pick<Lease, 'take' | 'release'>) | undefined
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
  readonly #execution = new Execution()
  #lost: Error | undefined

  constructor(options: RunnerOptions) {
    this.#options = options
  }

  /** Waits for the lock, and calls start(). Returns at once. */
  begin(): void {
    this.#execution.begin(() => this.#run())
  }

  /**
   * Aborts the signal. Resolves when start() has settled, or with false after this many milliseconds, in
   * which it has not.
   */
  end(milliseconds: number): Promise<boolean> {
    this.#execution.abort(new Error(`this process of the service ${this.#options.name} is to end`))
    return this.#execution.ended(milliseconds)
  }

  async #run(): Promise<void> {
    const { clock, lock } = this.#options
    const { signal } = this.#execution
    while (lock !== undefined && !lock()) {
      await wait(clock, lockInterval)
      if (signal.aborted) return
    }
    const lease = this.#options.lease?.((reason) => this.#lose(reason))
    const fence = lease && (await lease.take(signal))
    if (signal.aborted) return
    const failure = await this.#call(fence)
    await lease?.release()
    if (failure !== undefined) this.#options.onFailure(failure.error)
  }

  /** Resolves when start() has settled, with what is wrong with that. */
  async #call(fence: number | undefined): Promise<{ readonly error: unknown } | undefined> {
    const { name, nr, start, log, clock, onRunning } = this.#options
    const { signal } = this.#execution
    const timer = clock.after(trial, onRunning)
    try {
      await start({ name, nr, signal, fence, log, bus })
      if (!signal.aborted) throw new Error(returned(name))
    } catch (error) {
      timer.cancel()
      if (!signal.aborted) return { error }
      log.warn({ err: error }, `start() of the service ${name} failed while it ended`)
    }
    return this.#lost === undefined ? undefined : { error: this.#lost }
  }

  /** Without the lock start() must end: until it has, another machine waits, but not for long. */
  #lose(reason: Error): void {
    const { name, log } = this.#options
    this.#lost = reason
    log.error(`start() of the service ${name} has to end: ${reason.message}`)
    this.#execution.abort(reason)
  }
}

function returned(name: string): string {
  return (
    `start() of the service ${name} has returned before its signal was aborted, so the service has ended; ` +
    'if it works in timers or subscriptions, wait for the signal: ' +
    "await once(signal, 'abort'), with once of node:events"
  )
}
