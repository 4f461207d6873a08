// Runs in a worker: its life after it was told to boot, and the ways in which it ends. Each end happens once; a harder one (quit, abort)
// overtakes a softer one (drain).

import { exitCodes } from '../ipc/exit-codes.ts'
import type { ArbiterMessage, BootMessage } from '../ipc/messages.ts'
import { AppError } from '../config/app-errors.ts'
import type { ModuleLoader } from '../config/modules/loader.ts'
import { loadNative } from '../os/native.ts'
import { begin, boot } from './boot.ts'
import type { Beginning, Booted } from './boot.ts'
import { describeBootFailure } from './boot-failure.ts'
import type { Channel } from './channel.ts'
import type { Output } from './output.ts'

export interface LifeOptions {
  readonly message: BootMessage
  readonly channel: Channel
  readonly output: Output
  readonly loader: ModuleLoader
  /** process.exit, which ends this process. */
  readonly exit: (code: number) => never
}

type Phase = 'booting' | 'ready' | 'draining' | 'exiting'

export class WorkerLife {
  readonly #options: LifeOptions
  #phase: Phase = 'booting'
  #beginning: Beginning | undefined
  #booted: Booted | undefined

  constructor(options: LifeOptions) {
    this.#options = options
  }

  /** Boots; then the worker serves, or this process has ended with the exit code that says why not. */
  async start(): Promise<void> {
    const { message, channel, output } = this.#options
    try {
      this.#beginning = await begin(this.#options)
      this.#booted = await boot(this.#options, this.#beginning)
      if (this.#phase !== 'booting') return
      if (message.checkOnly) return await this.#passCheck()
      await this.#booted.serving.listen()
      this.#phase = 'ready'
      await channel.send({ type: 'ready' })
      this.#beat()
    } catch (error) {
      const failure = error instanceof AppError ? 'app' : 'boot'
      await channel.send({ type: 'boot_failed', failure, error: describeBootFailure(error) })
      output.finish()
      this.#options.exit(failure === 'app' ? exitCodes.appFailed.code : exitCodes.bootFailed.code)
    }
  }

  /** --check-config: the app that loads is told from the app that calls process.exit(0). */
  async #passCheck(): Promise<void> {
    await this.#options.channel.send({ type: 'ready' })
    await this.#exit(exitCodes.ok.code)
  }

  /** An order of the arbiter. */
  async obey(message: ArbiterMessage): Promise<void> {
    if (message.type === 'retire') await this.drain(message.within)
    if (message.type === 'quit') await this.#endWith('worker_int', exitCodes.ok.code)
    if (message.type === 'abort') await this.#endWith('worker_abort', 1)
  }

  /** Finishes what is open and exits; also when the arbiter is gone. */
  async drain(within: number): Promise<void> {
    if (this.#phase === 'draining' || this.#phase === 'exiting') return
    this.#phase = 'draining'
    const cut = (await this.#booted?.serving.drain(within)) ?? []
    if (cut.length > 0) await this.#options.channel.send({ type: 'cut', requests: cut })
    await this.#exit(exitCodes.ok.code)
  }

  async #endWith(hook: 'worker_int' | 'worker_abort', code: number): Promise<void> {
    if (this.#phase === 'exiting') return
    if (this.#beginning) await this.#beginning.hooks.run(hook, this.#beginning.worker)
    await this.#exit(code)
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

  /** Tells the arbiter from the event loop that it turns, and sets the alarm that ends a stuck worker whose arbiter is gone. */
  #beat(): void {
    const { timeout, graceful_timeout } = this.#options.message.settings
    const native = loadNative()
    const send = (): void => {
      const load = this.#booted?.serving.load() ?? { requests: 0, busy: 0, connections: 0 }
      void this.#options.channel.send({ type: 'beat', ...load })
      // A living arbiter kills a stuck worker after `timeout`. Nobody but the kernel can do it when the arbiter was killed:
      // PR_SET_PDEATHSIG would also end, in the middle of its requests, a healthy worker that only has to drain.
      if (timeout > 0 && !(native instanceof Error)) native.alarm(Math.ceil(timeout + graceful_timeout) + alarmMargin)
    }
    send()
    setInterval(send, beatInterval(timeout)).unref()
  }
}

/** Seconds that the alarm leaves the arbiter to act first. */
const alarmMargin = 5

/** Milliseconds. */
function beatInterval(timeout: number): number {
  return timeout === 0 ? 1000 : Math.min(1000, (timeout * 1000) / 4)
}
