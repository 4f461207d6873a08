// Runs in the main thread of a worker: watches one of the threads that serve, as a watchdog thread watches a
// main thread: by the beats in shared memory, with a report of where it is stuck.

import { url as inspectorUrl } from 'node:inspector'
import type { WorkerMessage } from '../../ipc/messages.ts'
import { Board } from '../../serving/connections/board.ts'
import { examine } from '../watchdog/examine.ts'
import { interrupt, type Interrupted } from '../watchdog/interrupt.ts'
import type { WatchOrders } from '../watchdog/orders.ts'
import { Pulse, sharedNow } from '../watchdog/pulse.ts'
import { StuckCheck } from '../watchdog/stuck-check.ts'
import { debugThread } from './debug-thread.ts'

export interface ThreadWatchOptions {
  readonly orders: WatchOrders
  /** Its threadId. */
  readonly thread: number
  readonly send: (message: WorkerMessage) => void
  /** It has been reported as stuck, and does not stand any more in the debugger. */
  readonly onStuck: () => void
}

export class ThreadWatch {
  readonly #options: ThreadWatchOptions
  readonly #pulse: Pulse
  readonly #board: Board
  readonly #check: StuckCheck
  #timer: NodeJS.Timeout | undefined
  #ended = false

  constructor(options: ThreadWatchOptions) {
    this.#options = options
    this.#pulse = new Pulse(options.orders.pulse)
    this.#board = new Board(options.orders.board)
    this.#check = new StuckCheck(options.orders, sharedNow())
    this.#next()
  }

  end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
  }

  #next(): void {
    const { phase, lastBeat, taskEndsAt } = this.#pulse
    const debugged = inspectorUrl() !== undefined // --inspect is for all threads
    const verdict = this.#check.check({ phase, lastBeat, taskEndsAt, debugged, now: sharedNow() })
    const within = verdict.type === 'wait' ? verdict.within : 0
    const next = verdict.type === 'wait' ? () => this.#next() : () => void this.#examine(verdict.silent)
    this.#timer = setTimeout(next, within)
  }

  async #examine(silent: number): Promise<void> {
    const { orders, thread, send, onStuck } = this.#options
    const held: { interrupted?: Interrupted | undefined } = {}
    const isStuck = await examine(
      {
        ...orders,
        pulse: this.#pulse,
        board: this.#board,
        send,
        interrupt: async (within) => (held.interrupted = await interrupt(debugThread(thread), within)),
      },
      silent,
    )
    if (this.#ended) return held.interrupted?.release()
    if (!isStuck) return this.#next()
    held.interrupted?.release() // a paused thread cannot be terminated
    onStuck()
  }
}
