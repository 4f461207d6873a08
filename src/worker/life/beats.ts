// Runs in a worker: regular reports to the arbiter, sent from the event loop to show that it turns. Each one
// also resets the alarm: a living arbiter ends a stuck worker earlier than the alarm does.

import type { WorkerMessage } from '../../ipc/messages.ts'
import type { Timer } from '../../os/system/clock.ts'
import type { LifeOptions, LifeState } from './options.ts'

export interface BeatHandlers {
  /** The channel is closed, although no event said so: the app can remove our listener. */
  readonly onClosed: () => void
}

/** Milliseconds. */
const longestInterval = 1000

/** Milliseconds between two beats. `timeout`: milliseconds that the event loop may be silent; 0: no limit. */
export function beatInterval(timeout: number): number {
  return timeout === 0 ? longestInterval : Math.min(longestInterval, timeout / 4)
}

const noLoad = { requests: 0, busy: 0, connections: 0, overdue: 0 }

export class Beats {
  readonly #options: LifeOptions
  readonly #state: LifeState
  readonly #handlers: BeatHandlers
  readonly #interval: number
  #timer: Timer | undefined

  constructor(options: LifeOptions, state: LifeState, handlers: BeatHandlers) {
    this.#options = options
    this.#state = state
    this.#handlers = handlers
    this.#interval = beatInterval(options.message.durations.timeout)
  }

  start(): void {
    const { system, watch } = this.#options
    system.alarm.cancel() // that of the boot
    watch.serve()
    this.#schedule()
    this.#beat()
  }

  stop(): void {
    this.#timer?.cancel()
  }

  /** The last figures of a process that exits by itself, or whose app has closed the channel. */
  reportLast(): void {
    if (this.#timer !== undefined) this.#send()
  }

  #schedule(): void {
    this.#timer = this.#options.system.background.after(this.#interval, () => {
      this.#schedule()
      this.#beat()
    })
  }

  #beat(): void {
    const { channel, message, system, watch } = this.#options
    if (!channel.isOpen) return this.#handlers.onClosed()
    this.#send()
    watch.beat()
    const { timeout, graceful_timeout } = message.durations
    if (watch.debugged) system.alarm.cancel()
    else if (timeout > 0) system.alarm.set(timeout + graceful_timeout)
  }

  #send(): void {
    const { channel, system } = this.#options
    const load = this.#state.booted?.serving.load() ?? noLoad
    const { rss, heapUsed, heapLimit } = system.memory()
    const beat: WorkerMessage = {
      type: 'beat',
      requests: load.requests,
      busy: load.busy,
      connections: load.connections,
      overdue: load.overdue,
      rss,
      heapUsed,
      heapLimit,
    }
    const report = this.#state.booted?.taskReport?.()
    if (report && channel.isOpen) void channel.send({ type: 'tasks', report })
    if (channel.isOpen) void channel.send(beat)
    else system.report(beat)
  }
}
