// Runs in the arbiter: reports the state of the server to systemd (sd_notify(3)). It listens to the events
// and looks at the server every few seconds; it decides nothing, and a supervisor that has exited or does not
// read changes nothing for the server.

import type { ArbiterEvent } from '../arbiter/model/events.ts'
import type { TakeSnapshot } from '../arbiter/model/snapshot.ts'
import type { Clock, Timer } from '../os/system/clock.ts'
import { monotonicMicroseconds } from '../os/system/notify.ts'
import { isWorthKeeping, timeLeft, type Condition, type Phase } from './health.ts'
import type { Outbox } from './outbox.ts'
import { Meter, statusLine } from './status.ts'

export interface NotifierOptions {
  readonly outbox: Outbox
  /** Milliseconds of silence that systemd allows; undefined without a watchdog. */
  readonly watchdog: number | undefined
  /** This is the new arbiter of an upgrade: systemd does not listen to it before the old one has exited. */
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
  #take: TakeSnapshot | undefined
  #phase: Phase = 'starting'
  #failure: string | undefined
  /** Another arbiter reports: the old one before the promotion, the new one after the handover. */
  #isMute: boolean
  /** The pid of a new arbiter that serves beside this one. */
  #successor: number | undefined
  #timer: Timer | undefined
  #fedAt = -Infinity
  #sentAt = -Infinity
  #status = ''

  constructor({ outbox, watchdog, isSecond, clock }: NotifierOptions) {
    this.#outbox = outbox
    this.#clock = clock
    this.#watchdog = watchdog
    this.#isMute = isSecond
    this.#interval = Math.min(lookInterval, (watchdog ?? Infinity) / 2)
  }

  /** From now on there is a server to look at. */
  watch(take: TakeSnapshot): void {
    this.#take = take
    this.#look()
  }

  close(): void {
    this.#timer?.cancel()
    this.#take = undefined
  }

  apply(event: ArbiterEvent): void {
    const message = this.#messageOf(event)
    if (message.length > 0) this.#send(message)
    else this.#lookAround(this.#clock.now())
  }

  /** Follows the phases of the server. Returns what is sent to systemd at once. */
  #messageOf(event: ArbiterEvent): Message {
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
      case 'upgrade_reverted':
        this.#successor = undefined
        return []
      case 'upgrade_done':
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

  /** systemd takes this process for the main process since the old arbiter has sent MAINPID. */
  #takeOver(): Message {
    this.#isMute = false
    return this.#phase === 'serving' ? ['READY=1'] : []
  }

  /** This arbiter ends and the service continues, so there is no STOPPING=1. */
  #handOver(pid: number): Message {
    this.#phase = 'stopping'
    // READY=1 ends a reload whose end this arbiter would not see; WATCHDOG=1 gives the new one the whole time
    // to take over.
    if (!this.#isMute) this.#outbox.put(['READY=1', 'WATCHDOG=1', `MAINPID=${pid}`])
    this.#isMute = true
    return []
  }

  #send(message: Message): void {
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

  /** Sends what is due now, in one message that is not repeated later. */
  #lookAround(now: number): void {
    if (this.#isMute || this.#take === undefined) return
    const before = this.#status
    const feed = this.#isHungry(now) ? ['WATCHDOG=1'] : []
    const news = now - this.#sentAt < lookInterval ? [] : [...this.#statusOf(now), ...this.#extension(now)]
    const isSent = this.#outbox.offer([...feed, ...news])
    if (!isSent)
      this.#status = before // sent with the next look
    else if (feed.length > 0) this.#fedAt = now
  }

  #isHungry(now: number): boolean {
    const condition = this.#condition(now)
    if (this.#watchdog === undefined || condition === undefined || now - this.#fedAt < this.#interval / 2)
      return false
    return isWorthKeeping(condition, this.#watchdog)
  }

  /** Empty when systemd shows this status already. */
  #statusOf(now: number): Message {
    if (this.#take === undefined) return []
    const [app] = this.#take().pools
    this.#sentAt = now
    const line = statusLine(app, this.#meter.read(app.workers, now), {
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
    if (this.#take === undefined) return undefined
    const { pools, durations } = this.#take()
    const workers = pools.flatMap((pool) => pool.workers)
    const [{ target }] = pools
    return { phase: this.#phase, workers, target, durations, now }
  }
}
