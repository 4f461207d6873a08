// Runs in the arbiter: tells systemd how the server is (sd_notify(3)). It hears each event and looks at the
// server every few seconds; it decides nothing, and a supervisor that is gone or does not read changes
// nothing for the server.

import type { ArbiterEvent } from '../arbiter/model/events.ts'
import type { WorkerRecord } from '../arbiter/model/worker-record.ts'
import type { ServerView } from '../config/hooks/views.ts'
import type { Clock, Timer } from '../os/system/clock.ts'
import { monotonicMicroseconds } from '../os/system/notify.ts'
import { isWorthKeeping, timeLeft, type Condition, type Phase } from './health.ts'
import type { Outbox } from './outbox.ts'
import { Meter, statusLine } from './status.ts'

/** What is looked at. */
export interface WatchedServer {
  readonly view: ServerView
  readonly records: readonly WorkerRecord[]
}

export interface NotifierOptions {
  readonly outbox: Outbox
  /** Milliseconds of silence that systemd allows; undefined without a watchdog. */
  readonly watchdog: number | undefined
  /** The new master of an upgrade: systemd does not listen to it before the old one has gone. */
  readonly isSecond: boolean
  readonly clock: Clock
}

/** Milliseconds between two looks, and between two lines of status, when nothing happens. */
const lookInterval = 5000

/** The parts of one message, such as `READY=1`. */
type Message = readonly string[]

export class Notifier {
  readonly #outbox: Outbox
  readonly #clock: Clock
  readonly #watchdog: number | undefined
  readonly #interval: number
  readonly #meter = new Meter()
  #server: WatchedServer | undefined
  #phase: Phase = 'starting'
  #failure: string | undefined
  /** It is another master's turn to speak: the old one's before the promotion, the new one's after it. */
  #isMute: boolean
  /** The pid of a new master that serves beside this one. */
  #successor: number | undefined
  #timer: Timer | undefined
  #fedAt = -Infinity
  #toldAt = -Infinity
  #status = ''

  constructor({ outbox, watchdog, isSecond, clock }: NotifierOptions) {
    this.#outbox = outbox
    this.#clock = clock
    this.#watchdog = watchdog
    this.#isMute = isSecond
    this.#interval = Math.min(lookInterval, (watchdog ?? Infinity) / 2)
  }

  /** From now on there is a server to look at. */
  watch(server: WatchedServer): void {
    this.#server = server
    this.#look()
  }

  close(): void {
    this.#timer?.cancel()
    this.#server = undefined
  }

  see(event: ArbiterEvent): void {
    const message = this.#hear(event)
    if (message.length > 0) this.#tell(message)
    else this.#lookAround(this.#clock.now())
  }

  /** Follows the server through its phases. Answers what systemd has to know of at once. */
  #hear(event: ArbiterEvent): Message {
    switch (event.type) {
      case 'workers_ready':
        return this.#enter('serving', ['READY=1'])
      case 'reloading':
        return this.#enter('reloading', ['RELOADING=1', `MONOTONIC_USEC=${monotonicMicroseconds()}`])
      case 'reloaded':
        return this.#endReload(undefined)
      case 'reload_failed':
        return this.#endReload(event.reason)
      case 'upgraded':
        this.#successor = event.pid
        return []
      case 'upgrade_ended':
        this.#successor = undefined
        return []
      case 'promoted':
        return this.#takeOver()
      case 'start_failed':
        return this.#enter('stopping', [`STATUS=the start failed: ${event.reason.replace(/\s+/g, ' ')}`])
      case 'stopping':
        return this.#successor === undefined
          ? this.#enter('stopping', ['STOPPING=1'])
          : this.#handOver(this.#successor)
      default:
        return []
    }
  }

  #enter(phase: Phase, message: Message): Message {
    if (this.#phase === 'stopping') return []
    this.#phase = phase
    return message
  }

  /** Whichever generation serves now: the unit is active again. */
  #endReload(failure: string | undefined): Message {
    this.#failure = failure
    return this.#enter('serving', ['READY=1'])
  }

  /** systemd has this master for the main process since the old one said so. */
  #takeOver(): Message {
    this.#isMute = false
    return this.#phase === 'serving' ? ['READY=1'] : []
  }

  /**
   * This master ends and the service goes on: systemd may not take the one for the other, so there is no
   * STOPPING=1.
   */
  #handOver(pid: number): Message {
    this.#phase = 'stopping'
    // READY=1 ends a reload that this master would not see the end of; WATCHDOG=1 gives the new one the whole
    // time to take over.
    if (!this.#isMute) this.#outbox.put(['READY=1', 'WATCHDOG=1', `MAINPID=${pid}`])
    this.#isMute = true
    return []
  }

  #tell(message: Message): void {
    if (this.#isMute) return
    const now = this.#clock.now()
    const explains = message.some((part) => part.startsWith('STATUS='))
    this.#outbox.put([...message, ...(explains ? [] : this.#statusOf(now)), ...this.#extension(now)])
  }

  #look(): void {
    this.#timer?.cancel()
    this.#lookAround(this.#clock.now())
    this.#timer = this.#clock.after(this.#interval, () => this.#look())
  }

  /** What is due by now, in one message that is worth nothing later. */
  #lookAround(now: number): void {
    if (this.#isMute || this.#server === undefined) return
    const before = this.#status
    const feed = this.#isHungry(now) ? ['WATCHDOG=1'] : []
    const news = now - this.#toldAt < lookInterval ? [] : [...this.#statusOf(now), ...this.#extension(now)]
    const isSent = this.#outbox.offer([...feed, ...news])
    if (!isSent)
      this.#status = before // to be told with the next look
    else if (feed.length > 0) this.#fedAt = now
  }

  #isHungry(now: number): boolean {
    const condition = this.#condition(now)
    if (this.#watchdog === undefined || condition === undefined || now - this.#fedAt < this.#interval / 2)
      return false
    return isWorthKeeping(condition, this.#watchdog)
  }

  /** Nothing when it is what systemd shows already. */
  #statusOf(now: number): Message {
    if (this.#server === undefined) return []
    const { view } = this.#server
    this.#toldAt = now
    const line = statusLine(view, this.#meter.read(view.workers, now), {
      phase: this.#phase,
      failure: this.#failure,
    })
    if (line === this.#status) return []
    this.#status = line
    return [`STATUS=${line}`]
  }

  #extension(now: number): Message {
    const condition = this.#condition(now)
    const left = condition && timeLeft(condition)
    return left === undefined ? [] : [`EXTEND_TIMEOUT_USEC=${Math.round(left * 1000)}`]
  }

  #condition(now: number): Condition | undefined {
    if (this.#server === undefined) return undefined
    const { view, records } = this.#server
    return { phase: this.#phase, workers: records, target: view.num_workers, settings: view.settings, now }
  }
}
