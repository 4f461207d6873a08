// Runs in the process of a service with `run` and `lock`: when to take, to renew and to give up a lock that
// belongs to this process for a time only. A store keeps it, outside of this machine. The time counts from
// the moment before each request, by the monotonic clock of this machine, so it ends here first.

import { messageOf } from '../../os/error-message.ts'
import { wait, type Clock, type Timer } from '../../os/system/clock.ts'

/** `fence`: the number of this holding. `holder`: who has it; undefined when it is not given out yet. */
export type Attempt = { readonly fence: number } | { readonly holder: string | undefined }

/** Where the lock is. Each call may fail, or never settle. */
export interface LeaseStore {
  acquire(): Promise<Attempt>
  /** Resolves with whether this process still has it. */
  renew(): Promise<boolean>
  release(): Promise<void>
}

export interface LeaseOptions {
  readonly store: LeaseStore
  readonly clock: Clock
  /** Milliseconds for which one renewal lasts. */
  readonly time: number
  /** The process must have ended at this moment of the clock; Infinity: it need not. */
  readonly onDeadline: (at: number) => void
  /** It is about to be lost, or is: what it protects must end. Called at most once. */
  readonly onLost: (reason: Error) => void
  /** For the log: why this process waits. Called when that changes. */
  readonly onWaiting: (reason: string) => void
}

/** Parts of its time: until it is renewed, until it is given up, and until the process must have ended. */
const [renewAfter, giveUpAfter, endAfter] = [1 / 3, 2 / 3, 0.9]
/** Milliseconds between two tries to take it. */
const longestPause = 500
/** Milliseconds that the end of this process waits for the store. */
const longestRelease = 1000

export class Lease {
  readonly #options: LeaseOptions
  #renewal: Timer | undefined
  #end: Timer | undefined
  #isOver = false
  #lastReason = ''

  constructor(options: LeaseOptions) {
    this.#options = options
  }

  /** Waits until this process has the lock. Resolves with its number; undefined when `signal` is aborted. */
  async take(signal: AbortSignal): Promise<number | undefined> {
    const { store, clock, time } = this.#options
    const pause = Math.min(longestPause, time / 10)
    while (!signal.aborted) {
      const sentAt = clock.now()
      const attempt = await this.#ask(() => store.acquire())
      if ('fence' in attempt) {
        if (signal.aborted || clock.now() >= sentAt + time * renewAfter) {
          await this.#giveBack()
          continue
        }
        this.#hold(sentAt)
        return attempt.fence
      }
      this.#explain(attempt.holder)
      await wait(clock, pause)
    }
    return undefined
  }

  /** What it protects has ended. Never rejects. */
  async release(): Promise<void> {
    this.#stop()
    await this.#giveBack()
    this.#options.onDeadline(Infinity)
  }

  /** A store that cannot be reached forgets it by itself. */
  async #giveBack(): Promise<void> {
    const { store, clock, time } = this.#options
    const limit = Math.min(longestRelease, time * renewAfter)
    await inTime(clock, store.release().catch(messageOf), limit, undefined)
  }

  /** A result in time, or the reason why it is missing. */
  async #ask(send: () => Promise<Attempt>): Promise<Attempt> {
    const { clock, time } = this.#options
    const failed = (error: unknown): Attempt => ({ holder: `no lock: ${messageOf(error)}` })
    const late: Attempt = { holder: 'no lock: no reply in time' }
    return inTime(clock, send().catch(failed), time * renewAfter, late)
  }

  #explain(holder: string | undefined): void {
    const reason = holder ?? 'the lock may still be held, because its store has just started'
    if (reason === this.#lastReason) return
    this.#lastReason = reason
    this.#options.onWaiting(reason)
  }

  /** It was given, or renewed, by a request that was sent at this moment. */
  #hold(sentAt: number): void {
    if (this.#isOver) return
    const { clock, time, onDeadline } = this.#options
    const left = (part: number): number => Math.max(0, sentAt + time * part - clock.now())
    onDeadline(sentAt + time * endAfter)
    this.#end?.cancel()
    this.#end = clock.after(left(giveUpAfter), () => this.#lose('it could not be renewed in time'))
    this.#renewal?.cancel()
    this.#renewal = clock.after(left(renewAfter), () => void this.#renew()) // never rejects
  }

  async #renew(): Promise<void> {
    const { store, clock, time } = this.#options
    const sentAt = clock.now()
    const reply = store.renew().catch(messageOf)
    const outcome = await inTime(clock, reply, time * renewAfter, 'no reply in time')
    if (this.#isOver) return
    if (outcome === true) return this.#hold(sentAt)
    if (outcome === false) return this.#lose('another process has it, or its key was deleted')
    this.#lastReason = outcome
    this.#renewal = clock.after(time / 30, () => void this.#renew())
  }

  #lose(reason: string): void {
    if (this.#isOver) return
    this.#stop()
    const more = this.#lastReason === '' ? '' : ` (${this.#lastReason})`
    this.#options.onLost(new Error(`the lock is lost: ${reason}${more}`))
  }

  #stop(): void {
    this.#isOver = true
    this.#renewal?.cancel()
    this.#end?.cancel()
  }
}

/** The value of a promise that never rejects, or `late`. */
function inTime<Value, Late>(
  clock: Clock,
  promise: Promise<Value>,
  milliseconds: number,
  late: Late,
): Promise<Value | Late> {
  return new Promise((resolve) => {
    const timer = clock.after(milliseconds, () => resolve(late))
    void promise.then((value) => {
      timer.cancel()
      resolve(value)
    })
  })
}
