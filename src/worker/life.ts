// Runs in a worker: its life after it was told to boot, and the ways in which it ends. Each end happens once; a harder one (quit, abort)
// overtakes a softer one (drain).

import { exitCodes } from '../ipc/exit-codes.ts'
import type { ArbiterMessage, BootMessage } from '../ipc/messages.ts'
import { AppError } from '../config/app-errors.ts'
import type { ModuleLoader } from '../config/modules/loader.ts'
import type { Drain } from '../workers/worker-class.ts'
import { cancelAlarm, endLatestIn, setAlarm } from './alarm.ts'
import { begin, boot } from './boot.ts'
import type { Beginning, Booted } from './boot.ts'
import { describeBootFailure } from './boot-failure.ts'
import type { Channel } from './channel.ts'
import type { Output } from './output.ts'
import { exposeWitness } from './watchdog/witness.ts'
import { testify } from './watchdog/testimony.ts'
import type { Watch } from './watchdog/watch.ts'

export interface LifeOptions {
  readonly message: BootMessage
  readonly channel: Channel
  readonly output: Output
  readonly loader: ModuleLoader
  readonly watch: Watch
  /** process.exit, which ends this process. */
  readonly exit: (code: number) => never
}

/** Only ever later in this order. `ending`: at once, after a last hook. */
type Phase = 'booting' | 'ready' | 'draining' | 'ending' | 'exiting'

export class WorkerLife {
  readonly #options: LifeOptions
  #phase: Phase = 'booting'
  #beginning: Beginning | undefined
  #booted: Booted | undefined
  #beats: NodeJS.Timeout | undefined

  constructor(options: LifeOptions) {
    this.#options = options
  }

  /** Boots; then the worker serves, or this process has ended with the exit code that says why not. */
  async start(): Promise<void> {
    const { message, channel, watch, output } = this.#options
    const { boot_timeout } = message.settings
    exposeWitness({
      testify: () => testify(this.#booted?.serving, output.requests),
      writeLast: () => {
        this.#booted?.serving.abandon()
        output.finish()
      },
      abort: () => this.#abortNow(),
    })
    try {
      if (boot_timeout > 0 && !message.checkOnly && !watch.debugged) setAlarm(boot_timeout)
      this.#beginning = await begin(this.#options)
      this.#booted = await boot(this.#options, this.#beginning)
      if (this.#phase !== 'booting') return
      if (message.checkOnly) return await this.#passCheck()
      await this.#booted.serving.listen()
      this.#phase = 'ready'
      await channel.send({ type: 'ready' })
      this.#startBeating()
    } catch (error) {
      await this.#failBoot(error)
    }
  }

  /** --check-config: the app that loads is told from the app that calls process.exit(0). */
  async #passCheck(): Promise<void> {
    await this.#options.channel.send({ type: 'ready' })
    await this.#exit(exitCodes.ok.code)
  }

  /** An order of the arbiter. */
  async obey(message: ArbiterMessage): Promise<void> {
    if (message.type === 'retire') await this.#drain(message)
    if (message.type === 'quit') await this.#endWith('worker_int', exitCodes.ok.code)
    if (message.type === 'abort') await this.#endWith('worker_abort', 1)
  }

  /** The arbiter is gone: finishes what is open. Nobody watches any more, so the time for it is set here. */
  async orphan(): Promise<void> {
    const { message, exit, watch } = this.#options
    const { graceful_timeout } = message.settings
    clearInterval(this.#beats)
    watch.end()
    endLatestIn(graceful_timeout, exit)
    await this.#drain({ within: graceful_timeout * 1000, last: true })
  }

  async #failBoot(error: unknown): Promise<void> {
    if (this.#phase !== 'booting') return // it was called off, and the end is on its way
    const { channel, output, exit } = this.#options
    const failure = error instanceof AppError ? 'app' : 'boot'
    await channel.send({ type: 'boot_failed', failure, error: describeBootFailure(error) })
    output.finish()
    exit(failure === 'app' ? exitCodes.appFailed.code : exitCodes.bootFailed.code)
  }

  async #drain({ within, last }: Omit<Drain, 'onShut'>): Promise<void> {
    if (this.#phase !== 'booting' && this.#phase !== 'ready') return
    this.#phase = 'draining'
    const { channel } = this.#options
    const cut = await this.#booted?.serving.drain({ within, last, onShut: () => void channel.send({ type: 'shut' }) })
    if (cut !== undefined && cut.length > 0) await channel.send({ type: 'cut', requests: cut })
    await this.#exit(exitCodes.ok.code)
  }

  async #endWith(hook: 'worker_int' | 'worker_abort', code: number): Promise<void> {
    if (this.#phase === 'ending' || this.#phase === 'exiting') return
    this.#phase = 'ending'
    if (this.#beginning) await this.#beginning.hooks.run(hook, this.#beginning.worker)
    // What is in flight is cut here, not by the end of the process: so it gets its access lines.
    await this.#booted?.serving.drain({ within: 0, last: false, onShut: () => undefined })
    await this.#exit(code)
  }

  /** In the middle of whatever the worker is stuck in: only what a hook does before its first `await` can run. */
  #abortNow(): void {
    if (this.#phase === 'ending' || this.#phase === 'exiting') return
    this.#phase = 'ending'
    // A failure is logged by the runner.
    if (this.#beginning) void this.#beginning.hooks.runNow('worker_abort', this.#beginning.worker)
    this.#options.output.finish()
  }

  async #exit(code: number): Promise<void> {
    if (this.#phase === 'exiting') return
    this.#phase = 'exiting'
    if (this.#beginning && !this.#options.message.checkOnly) await this.#goodbye(this.#beginning)
    this.#options.output.finish()
    this.#options.exit(code)
  }

  async #goodbye({ hooks, server, worker }: Beginning): Promise<void> {
    try {
      await this.#booted?.app.shutdown?.()
    } catch (error) {
      this.#options.output.log().error({ err: error }, `the app's shutdown() failed`)
    }
    await hooks.run('worker_exit', server, worker)
  }

  /** Tells the arbiter from the event loop that it turns, and puts off the alarm: a living arbiter kills a stuck worker earlier. */
  #startBeating(): void {
    const { message, watch } = this.#options
    const { timeout, graceful_timeout } = message.settings
    const beat = (): void => {
      const load = this.#booted?.serving.load() ?? { requests: 0, busy: 0, connections: 0 }
      void this.#options.channel.send({ type: 'beat', ...load })
      watch.beat()
      if (watch.debugged) cancelAlarm()
      else if (timeout > 0) setAlarm(timeout + graceful_timeout)
    }
    cancelAlarm() // that of the boot
    beat()
    watch.serve()
    this.#beats = setInterval(beat, beatInterval(timeout)).unref()
  }
}

/** Milliseconds. */
function beatInterval(timeout: number): number {
  return timeout === 0 ? 1000 : Math.min(1000, (timeout * 1000) / 4)
}
