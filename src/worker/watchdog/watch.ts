// Runs in the thread of a worker that serves: writes the beats that the watchdog thread reads, and notices a
// debugger. Without the thread (`watchdog: false`, or no time limit to supervise) the rest is the same.

import { performance } from 'node:perf_hooks'
import { messageOf } from '../../os/error-message.ts'
import type { BootMessage } from '../../ipc/messages.ts'
import { Board } from '../../serving/connections/board.ts'
import { DebuggerCheck } from './debugger-check.ts'
import type { WatchOrders } from './orders.ts'
import { Pulse, sharedNow } from './pulse.ts'

/** The thread that watches this one, or the way to it. */
export interface Watchdog {
  postMessage(orders: WatchOrders): void
  /** It has ended. */
  on(event: 'error', listener: (error: Error) => void): unknown
}

export interface WatchHandlers {
  /** A debugger may be attached from now on, or no longer. */
  readonly onDebugged: (on: boolean) => void
  /** There is no watchdog thread, or no longer. */
  readonly onTrouble: (reason: string) => void
}

/** Milliseconds between two beats while the worker boots, or drains without a master. */
const ownBeat = 250
/** At most these milliseconds for worker_abort: the arbiter waits for the end. */
const longestHook = 1000

/** The main thread always watches the threads that serve: it does nothing else. */
export function needsWatchdog({ settings, thread, service, checkOnly }: BootMessage): boolean {
  return (settings.watchdog || thread !== undefined || service?.remote !== undefined) && !checkOnly
}

export class Watch {
  /** Where the watchdog thread reads the requests in flight; absent when there is no such thread. */
  readonly board: Board | undefined
  readonly #pulse = new Pulse()
  readonly #handlers: WatchHandlers
  /** While the caller does not beat. */
  #ownBeats: NodeJS.Timeout
  readonly #byTask: boolean
  readonly #debugger: DebuggerCheck

  /** `startWatchdog`: called at once, unless this process is not to be watched. */
  constructor(message: BootMessage, handlers: WatchHandlers, startWatchdog: () => Watchdog) {
    this.#handlers = handlers
    this.#debugger = new DebuggerCheck(handlers.onDebugged)
    this.#byTask = message.task !== undefined
    this.#pulse.phase = 'boot'
    this.beat()
    this.#ownBeats = this.#startBeats()
    this.board = needsWatchdog(message) ? new Board() : undefined
    if (this.board) this.#start(message, this.board, startWatchdog)
  }

  get debugged(): boolean {
    return this.#debugger.isOn
  }

  /** Records the boot step, as the rest of a sentence. */
  enter(step: string): void {
    this.#pulse.step = step
  }

  /** The boot is complete; from here on the caller calls `beat`, and not often enough for tasks. */
  serve(): void {
    if (!this.#byTask) clearInterval(this.#ownBeats)
    this.beat()
    this.#pulse.phase = 'serve'
  }

  /** A task begins that may run for these milliseconds; 0 means no limit. */
  beginTask(within: number): void {
    this.#pulse.taskEndsAt = within === 0 ? Infinity : sharedNow() + within
  }

  endTask(): void {
    this.#pulse.taskEndsAt = Infinity
  }

  /** The process ends at this moment of `sharedNow`, if nothing comes in between; Infinity: it does not. */
  endAt(moment: number): void {
    this.#pulse.endsAt = moment
  }

  beat(): void {
    this.#pulse.debugged = this.#debugger.check()
    this.#pulse.beat()
  }

  /** No process supervises this worker any more. */
  end(): void {
    clearInterval(this.#ownBeats)
    this.#ownBeats = this.#startBeats()
    this.beat()
    this.#pulse.phase = 'drain'
  }

  #startBeats(): NodeJS.Timeout {
    return setInterval(() => this.beat(), ownBeat).unref()
  }

  #start(
    { bootWithin, service, durations: { timeout, hook_timeout } }: BootMessage,
    board: Board,
    startWatchdog: () => Watchdog,
  ): void {
    const now = sharedNow()
    const orders: WatchOrders = {
      pulse: this.#pulse.memory,
      board: board.memory,
      master: process.ppid,
      clockOffset: now - performance.now(),
      timeout,
      bootEndsAt: bootWithin === null ? null : now + bootWithin,
      hookWithin: Math.min(hook_timeout, longestHook),
      byTask: this.#byTask,
      mayEnd: service?.remote !== undefined,
    }
    try {
      const thread = startWatchdog()
      thread.on('error', ({ message }) => this.#handlers.onTrouble(message))
      thread.postMessage(orders)
    } catch (error) {
      this.#handlers.onTrouble(messageOf(error))
    }
  }
}
