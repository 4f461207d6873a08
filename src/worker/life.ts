// Runs in a worker: its life after it was told to boot, and the ways in which it ends. Each end happens once;
// a harder one (quit, abort) overtakes a softer one (drain).

import { setTimeout as delay } from 'node:timers/promises'
import { exitCodes } from '../ipc/exit-codes.ts'
import type { ArbiterMessage, BootMessage, ErrorReport } from '../ipc/messages.ts'
import { announceDrain } from '../app/drain-signal.ts'
import { AppError } from '../config/app/errors.ts'
import type { WorkerEnding } from '../config/hooks/views.ts'
import type { Drain } from '../serving/classes/worker-class.ts'
import { cancelAlarm, endLatestIn, setAlarm } from './alarm.ts'
import { begin, boot, bootErrorPage, type Beginning, type Booted } from './boot/boot.ts'
import { describeBootFailure } from './boot/failure.ts'
import type { Channel } from './channel.ts'
import { withFrame } from './development/code-frame.ts'
import type { LoadedFiles } from './development/loaded-files.ts'
import { measureMemory, oldSpaceLimit } from './memory.ts'
import type { Output } from './output.ts'
import { exposeWitness } from './watchdog/witness.ts'
import { testify } from './watchdog/testimony.ts'
import type { Watch } from './watchdog/watch.ts'

export interface LifeOptions {
  readonly message: BootMessage
  readonly channel: Channel
  readonly output: Output
  readonly loader: LoadedFiles
  readonly watch: Watch
  /** process.exit, which ends this process. */
  readonly exit: (code: number) => never
}

type DrainOrder = Omit<Drain, 'onShut'> & Pick<WorkerEnding, 'reason'> & Partial<WorkerEnding>

/** Milliseconds. */
const reparenting = 100

/** Only ever later in this order. `ending`: at once, after a last hook. */
type Phase = 'booting' | 'ready' | 'draining' | 'ending' | 'exiting'

export class WorkerLife {
  readonly #options: LifeOptions
  #phase: Phase = 'booting'
  #beginning: Beginning | undefined
  #booted: Booted | undefined
  #beats: NodeJS.Timeout | undefined
  readonly #master = process.ppid

  constructor(options: LifeOptions) {
    this.#options = options
  }

  /** Boots; then the worker serves, or this process has ended with the exit code that says why not. */
  async start(): Promise<void> {
    const { message, watch, output } = this.#options
    const { boot_timeout } = message.settings
    exposeWitness({
      testify: () => testify(this.#booted?.serving, output.requests),
      writeLast: () => {
        this.#booted?.serving.logInFlight()
        output.finish()
      },
      abort: () => this.#abortNow(),
    })
    if (message.broken) return this.#serveError(message.broken)
    try {
      if (boot_timeout > 0 && !message.checkOnly && !watch.debugged) setAlarm(boot_timeout)
      this.#beginning = await begin(this.#options)
      this.#booted = await boot(this.#options, this.#beginning)
      if (message.trial > 0) await delay(message.trial) // an app that crashes now has had no request
      if (this.#phase !== 'booting') return
      if (message.checkOnly) return await this.#passCheck()
      await this.#serve(this.#booted)
    } catch (error) {
      await this.#failBoot(error)
    }
  }

  async #serve(booted: Booted): Promise<void> {
    await booted.serving.listen()
    this.#phase = 'ready'
    this.#options.loader.tell()
    await this.#options.channel.send({ type: 'ready' })
    this.#startBeating()
  }

  /** With `reload` a worker that cannot boot serves all the same. */
  async #serveError(error: ErrorReport): Promise<void> {
    try {
      this.#booted = bootErrorPage(this.#options, error)
      await this.#serve(this.#booted)
    } catch (thrown) {
      await this.#failToServe(thrown)
    }
  }

  /** --check-config: the app that loads is told from the app that calls process.exit(0). */
  async #passCheck(): Promise<void> {
    await this.#options.channel.send({ type: 'ready' })
    await this.#exit(exitCodes.ok.code)
  }

  /** An order of the arbiter. */
  async obey(message: ArbiterMessage): Promise<void> {
    const { health_check } = this.#options.message.settings
    if (message.type === 'retire') await this.#drain(message)
    if (message.type === 'unready' && health_check !== null) this.#booted?.serving.unready(health_check)
    if (message.type === 'quit')
      await this.#endWith('worker_int', { reason: message.reason, code: exitCodes.ok.code })
    if (message.type === 'abort') await this.#endWith('worker_abort', { reason: 'timeout', code: 1 })
  }

  /**
   * The channel is closed: finishes what is open. Nobody watches any more, so the time for it is set here.
   */
  async orphan(): Promise<void> {
    const { message, output, exit, watch } = this.#options
    const { graceful_timeout } = message.settings
    clearInterval(this.#beats)
    watch.end()
    endLatestIn(graceful_timeout, exit)
    const within = graceful_timeout * 1000
    if (!(await this.#hasLivingMaster())) return this.#drain({ within, last: true, reason: 'orphaned' })
    output
      .log()
      .error(
        'the app has closed the channel to the master (process.disconnect): this worker ends, and is ' +
          'replaced',
      )
    await this.#drain({ within, last: false, reason: 'disconnected', code: exitCodes.disconnected.code })
  }

  /** A process whose parent is gone gets another one, a moment after the parent's descriptors are closed. */
  async #hasLivingMaster(): Promise<boolean> {
    await delay(reparenting)
    return process.ppid === this.#master
  }

  async #failBoot(error: unknown): Promise<void> {
    if (this.#phase !== 'booting') return // it was called off, and the end is on its way
    const { channel, loader, message } = this.#options
    if (message.settings.reload === false || message.checkOnly) return this.#failToServe(error)
    const report = withFrame({ ...describeBootFailure(error), entry: loader.latestEntry })
    loader.tell()
    await channel.send({ type: 'broken', error: report })
    await this.#serveError(report)
  }

  async #failToServe(error: unknown): Promise<void> {
    const { channel, output, exit } = this.#options
    const failure = error instanceof AppError ? 'app' : 'boot'
    await channel.send({ type: 'boot_failed', failure, error: describeBootFailure(error) })
    output.finish()
    exit(failure === 'app' ? exitCodes.appFailed.code : exitCodes.bootFailed.code)
  }

  async #drain({ within, last, reason, hurry = false, code = exitCodes.ok.code }: DrainOrder): Promise<void> {
    if (this.#phase !== 'booting' && this.#phase !== 'ready') return
    this.#phase = 'draining'
    this.#foresee({ reason, code })
    const { channel } = this.#options
    const onShut = (): void => void channel.send({ type: 'shut' })
    const drained = this.#booted?.serving.drain({ within, last, hurry, onShut })
    announceDrain() // to the app, when its next answers say `Connection: close` already
    const cut = await drained
    if (cut !== undefined && cut.length > 0) await channel.send({ type: 'cut', requests: cut })
    await this.#exit(code)
  }

  async #endWith(hook: 'worker_int' | 'worker_abort', ending: WorkerEnding): Promise<void> {
    if (this.#phase === 'ending' || this.#phase === 'exiting') return
    this.#phase = 'ending'
    this.#foresee(ending)
    if (this.#beginning) await this.#beginning.hooks.run(hook, this.#beginning.worker)
    // What is in flight is cut here, not by the end of the process: so it gets its access lines.
    await this.#booted?.serving.drain({ within: 0, last: false, onShut: () => undefined })
    await this.#exit(ending.code)
  }

  /** For the hooks of the end. The first reason stays. */
  #foresee({ reason, code }: WorkerEnding): void {
    const worker = this.#beginning?.worker
    if (worker) worker.exit = { reason: worker.exit?.reason ?? reason, code }
  }

  /**
   * In the middle of whatever the worker is stuck in: only what a hook does before its first `await` can run.
   */
  #abortNow(): void {
    if (this.#phase === 'ending' || this.#phase === 'exiting') return
    this.#phase = 'ending'
    this.#foresee({ reason: 'timeout', code: 1 })
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

  /**
   * Tells the arbiter from the event loop that it turns, and puts off the alarm: a living arbiter kills a
   * stuck worker earlier.
   */
  #startBeating(): void {
    const { message, channel, watch } = this.#options
    const { timeout, graceful_timeout } = message.settings
    const heapLimit = oldSpaceLimit()
    const beat = (): void => {
      // although the app has removed the listener that would tell
      if (!channel.isOpen) return void this.orphan()
      const load = this.#booted?.serving.load() ?? { requests: 0, busy: 0, connections: 0, overdue: 0 }
      void channel.send({ type: 'beat', ...load, ...measureMemory(heapLimit) })
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
