// Runs in a worker: the ways in which it ends. Each happens once; a harder one (quit, abort) overtakes a
// softer one (drain).

import type { WorkerEnding } from '../../config/hooks/views.ts'
import { exitCodes } from '../../ipc/exit-codes.ts'
import type { Drain } from '../../serving/classes/worker-class.ts'
import { runLastSteps } from './last-steps.ts'
import type { LifeOptions, LifeState } from './options.ts'

export interface DrainOrder extends Omit<Drain, 'onShut'> {
  readonly reason: string
  /** Default: 0. */
  readonly code?: number
}

export class Endings {
  readonly #options: LifeOptions
  readonly #state: LifeState
  /** When the time for requests is over, by the clock. */
  #endsAt = -Infinity

  constructor(options: LifeOptions, state: LifeState) {
    this.#options = options
    this.#state = state
  }

  /** Stops accepting, finishes what is open, and exits. Does nothing when the worker is ending already. */
  async drain({ within, last, reason, hurry = false, code = exitCodes.ok.code }: DrainOrder): Promise<void> {
    const { channel, system } = this.#options
    const { phase, booted } = this.#state
    if (phase !== 'booting' && phase !== 'ready') return
    this.#state.phase = 'draining'
    this.#endsAt = system.clock.now() + within
    this.#recordEnding({ reason, code })
    const onShut = (): void => void channel.send({ type: 'shut' })
    const drained = booted?.serving.drain({ within, last, hurry, onShut })
    system.announceDrain() // after the call before, so that what the app sends now has `Connection: close`
    const cut = await drained
    if (cut !== undefined && cut.length > 0) await channel.send({ type: 'cut', requests: cut })
    await this.exit(code)
  }

  /** The app has closed its server: the worker ends like the program under node, and is replaced. */
  async endOfServer(): Promise<void> {
    const { output, message } = this.#options
    if (this.#state.phase !== 'ready') return
    output.log().error('the app has closed its server: this worker ends, and is replaced')
    await this.drain({ within: message.durations.graceful_timeout, last: false, reason: 'closed' })
  }

  /** A run of a schedule has done its work: this process exits. */
  async endOfRun(): Promise<void> {
    const { channel, message } = this.#options
    if (this.#state.phase !== 'ready') return
    await channel.send({ type: 'done' })
    await this.drain({ within: message.durations.graceful_timeout, last: false, reason: 'done' })
  }

  /** Runs a last hook, cuts off what is open, and exits. Does nothing when that has begun already. */
  async endWith(hook: 'worker_int' | 'worker_abort', ending: WorkerEnding): Promise<void> {
    if (!this.#beginLast(ending)) return
    const { beginning } = this.#state
    if (beginning) await beginning.hooks.run(hook, beginning.worker)
    // Requests in flight are cut off here, not by the end of the process, so that they get access lines. Read
    // after the hook: the error page of a broken app may have begun to serve in the meantime.
    await this.#state.booted?.serving.drain({ within: 0, last: false, onShut: () => undefined })
    await this.exit(ending.code)
  }

  /**
   * Runs worker_abort and writes the logs in the middle of what the worker is stuck in: a hook runs only up
   * to its first `await`. The arbiter ends the process.
   */
  abortNow(): void {
    if (!this.#beginLast({ reason: 'timeout', code: 1 })) return
    const { beginning } = this.#state
    // The runner logs a failure.
    if (beginning) void beginning.hooks.runNow('worker_abort', beginning.worker)
    this.#options.output.finish()
  }

  /**
   * The process exits, and this class has not done it. The arbiter cannot see that from the exit code: an app
   * that calls process.exit(0) in its drain looks like a worker that has finished.
   */
  processExits(): void {
    if (this.#state.phase !== 'draining') return
    void this.#options.channel.send({ type: 'left', busy: this.#state.booted?.serving.load().busy ?? 0 })
  }

  /** Runs the last steps of the app, and ends the process. */
  async exit(code: number): Promise<void> {
    const { message, output, system } = this.#options
    if (this.#state.phase === 'exiting') return
    this.#state.phase = 'exiting'
    if (!message.checkOnly) await runLastSteps(this.#options, this.#state, this.#endsAt)
    output.finish()
    system.exit(code)
  }

  /** Returns false when the worker is in its last phases already. */
  #beginLast(ending: WorkerEnding): boolean {
    if (this.#state.phase === 'ending' || this.#state.phase === 'exiting') return false
    this.#state.phase = 'ending'
    this.#endsAt = -Infinity
    this.#recordEnding(ending)
    return true
  }

  /** For the hooks that run at the end: the first reason stays, the code is that of the latest ending. */
  #recordEnding({ reason, code }: WorkerEnding): void {
    const worker = this.#state.beginning?.worker
    if (worker) worker.exit = { reason: worker.exit?.reason ?? reason, code }
  }
}
