// Runs in a worker: its life from the boot message on: it boots, serves, and ends as the arbiter orders.

import { mainService } from '../../config/sources/service-plans.ts'
import { AppError } from '../../config/app/errors.ts'
import { exitCodes } from '../../ipc/exit-codes.ts'
import type { ArbiterMessage, BootMessage, ErrorReport } from '../../ipc/messages.ts'
import { codeOfSignal, type EndingSignal } from '../../os/program/exit-calls.ts'
import { wait } from '../../os/system/clock.ts'
import { describeBootFailure } from '../boot/failure.ts'
import type { Booted } from '../boot/steps.ts'
import type { Serving } from '../../serving/classes/worker-class.ts'
import type { MainThreadCalls } from '../watchdog/main-thread-calls.ts'
import { describeMainThread } from '../watchdog/main-thread-state.ts'
import { Beats } from './beats.ts'
import { endAfterDisconnect } from './disconnect.ts'
import { Endings } from './endings.ts'
import type { LifeOptions, LifeState } from './options.ts'

export class WorkerLife {
  readonly #options: LifeOptions
  readonly #state: LifeState = { phase: 'booting', beginning: undefined, booted: undefined }
  readonly #beats: Beats
  readonly #endings: Endings
  readonly #master: number

  constructor(options: LifeOptions) {
    this.#options = options
    this.#master = options.system.parent()
    this.#endings = new Endings(options, this.#state)
    this.#beats = new Beats(options, this.#state, { onClosed: () => void this.disconnected() })
  }

  /** Undefined before the worker is able to serve. */
  get serving(): Serving | undefined {
    return this.#state.booted?.serving
  }

  /** What the watchdog thread calls while this thread is stuck. */
  get calls(): MainThreadCalls {
    const { inFlight, output } = this.#options
    return {
      describe: () => describeMainThread(inFlight),
      writeLast: () => {
        inFlight.log()
        output.finish()
      },
      abort: () => this.#endings.abortNow(),
    }
  }

  /** The process exits, perhaps by itself: the arbiter has to know what it was doing. */
  exiting(): void {
    this.#beats.reportLast()
  }

  /** Boots; then the worker serves, or this process has ended with the exit code that says why not. */
  async start(): Promise<void> {
    const { message, watch, boot, system } = this.#options
    const { boot_timeout } = message.durations
    if (message.broken) return this.#serveError(message.broken)
    try {
      if (boot_timeout > 0 && !message.checkOnly && !watch.debugged) system.alarm.set(boot_timeout)
      const beginning = await boot.begin()
      this.#state.beginning = beginning
      const booted = await boot.boot(beginning)
      this.#state.booted = booted
      if (message.trial > 0) await wait(system.clock, message.trial) // an app that crashes now got no request
      if (this.#state.phase !== 'booting') return
      if (message.checkOnly) return await this.#passCheck()
      await this.#serve(booted)
    } catch (error) {
      await this.#failBoot(error)
    }
  }

  /** Applies a message of the arbiter. */
  async apply(message: ArbiterMessage): Promise<void> {
    const { health_check } = this.#options.message.settings
    switch (message.type) {
      case 'retire':
        return this.#endings.drain(message)
      case 'unready':
        if (health_check !== null) this.#state.booted?.serving.unready(health_check)
        return
      case 'quit':
        return this.#endings.endWith('worker_int', { reason: message.reason, code: exitCodes.ok.code })
      case 'abort':
        return this.#endings.endWith('worker_abort', { reason: 'timeout', code: 1 })
      case 'certificates':
        return this.#options.certificates.renew(message.sealed)
      case 'challenges':
        return this.#answer(message)
      case 'crowded':
        return this.#options.clientLimit?.crowded(message.addresses, message.on)
      case 'boot':
      case 'inherit':
      case 'socket': // this life began with them
    }
  }

  /** The channel to the arbiter is closed: finishes what is open, and exits. */
  disconnected(): Promise<void> {
    return endAfterDisconnect({
      options: this.#options,
      beats: this.#beats,
      endings: this.#endings,
      master: this.#master,
    })
  }

  /** The app has sent a signal to its own process: an order to end it, which the arbiter gives. */
  async leave(signal: EndingSignal): Promise<void> {
    const { channel, message } = this.#options
    const { graceful_timeout: within } = message.durations
    if (this.#state.phase === 'ready') return channel.send({ type: 'leave', signal })
    if (this.#state.phase !== 'booting') return
    await this.#endings.drain({ within, last: false, reason: 'self', code: codeOfSignal(signal) })
  }

  /** The process exits, for whatever reason. */
  processExits(): void {
    this.#endings.processExits()
  }

  /** They may come while it boots: #serve begins with those that are known then. */
  async #answer({ nr, sealed }: Extract<ArbiterMessage, { type: 'challenges' }>): Promise<void> {
    const { certificates, channel } = this.#options
    await certificates.answer(sealed)
    this.#state.booted?.serving.respond(certificates.responses)
    await channel.send({ type: 'challenged', nr })
  }

  async #serve({ app, serving }: Booted): Promise<void> {
    serving.respond(this.#options.certificates.responses)
    await serving.listen()
    if (this.#state.phase !== 'booting') return
    this.#state.phase = 'ready'
    app.follow?.({
      add: (server) => serving.add(server),
      closed: () => void this.#endings.endOfServer(),
      done: () => void this.#endings.endOfRun(),
    })
    void this.#listenAsApp(app)
    this.#options.loader.report()
    await this.#options.channel.send({ type: 'ready' })
    this.#beats.start()
  }

  /** What the app does when its server listens: it is served whether that fails or not, as under node. */
  async #listenAsApp({ listen }: Booted['app']): Promise<void> {
    try {
      await listen?.()
    } catch (error) {
      this.#options.output.log().error({ err: error }, "the app's listen() failed; it is served")
    }
  }

  /** With `reload` a worker that cannot boot serves its error. */
  async #serveError(error: ErrorReport): Promise<void> {
    if (this.#state.phase !== 'booting') return // the worker is ending already
    try {
      const booted = await this.#options.boot.errorPage(error)
      this.#state.booted = booted
      await this.#serve(booted)
    } catch (thrown) {
      await this.#failToServe(thrown)
    }
  }

  /** With --check-config `ready` distinguishes an app that loads from one that calls process.exit(0). */
  async #passCheck(): Promise<void> {
    await this.#options.channel.send({ type: 'ready' })
    await this.#endings.exit(exitCodes.ok.code)
  }

  async #failBoot(error: unknown): Promise<void> {
    if (this.#state.phase !== 'booting') return // the worker is ending already
    const { channel, loader, message } = this.#options
    const servesErrors = message.settings.reload !== false && servesApp(message)
    if (!servesErrors || message.checkOnly) return this.#failToServe(error)
    const { withFrame } = await import('../development/code-frame.ts')
    const report = withFrame({ ...describeBootFailure(error), entry: loader.latestEntry })
    loader.report()
    await channel.send({ type: 'broken', error: report })
    await this.#serveError(report)
  }

  async #failToServe(error: unknown): Promise<void> {
    const { channel, output, system } = this.#options
    const failure = error instanceof AppError ? 'app' : 'boot'
    await channel.send({ type: 'boot_failed', failure, error: describeBootFailure(error) })
    output.finish()
    system.exit(failure === 'app' ? exitCodes.appFailed.code : exitCodes.bootFailed.code)
  }
}

/** The app of the server: its errors show in the browser. */
function servesApp({ task, service }: BootMessage): boolean {
  return task === undefined && (service === undefined || service.name === mainService)
}
