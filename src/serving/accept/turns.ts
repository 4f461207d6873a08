// Runs in a worker: whose turn it is to accept. A worker with more to do than a sibling waits for connections
// behind all of them, so that the kernel wakes it last; one with much more leaves them to its siblings for a
// few milliseconds, because in a burst it would be awake already and faster than they are. A sibling that is
// stuck takes none: after that time this worker accepts again, each time more, and soon it does not count the
// sibling before it moves.

import type { AcceptQueue } from '../../os/system/accept-queue.ts'
import { backgroundClock, type Clock, type Timer } from '../../os/system/clock.ts'
import type { Loads } from './loads.ts'

export interface TurnsOptions {
  readonly queue: AcceptQueue
  readonly loads: Pick<Loads, 'publish' | 'withdraw' | 'least' | 'leastAwake' | 'noteIdle'>
  /** Returns what this worker has to do. */
  readonly load: () => number
  /** Default: that of the system. */
  readonly clock?: Clock
}

/** Milliseconds to the next look at the siblings while connections are left to them, and the most looks. */
const [look, looks] = [1, 4]

/** By how much the number of connections that it accepts grows each time its siblings have taken none. */
const growth = 1.25

/**
 * How much more than the sibling with the least load a worker may have without leaving connections to it.
 * Less than 3 costs new connections per second: the workers would wait for each other.
 */
function slack(least: number): number {
  return 3 + (least >> 3)
}

export class Turns {
  readonly #options: TurnsOptions
  /** The sockets on which siblings accept too. */
  #sockets: readonly number[] = []
  /** Those of them that are left to the siblings. */
  #left: readonly number[] = []
  #timer: Timer | undefined
  #looks = 0
  /** Connections that it accepts before it leaves the next ones to its siblings again. */
  #granted = 0
  #grant = 1

  constructor(options: TurnsOptions) {
    this.#options = options
  }

  /** The worker listens on these sockets, from this turn of the event loop on. */
  begin(sockets: readonly number[]): void {
    this.#sockets = sockets
    this.#publish()
    // libuv registers them when it polls next, and the first call may come before that
    const refresh = (): void => void (this.#sockets === sockets && this.refresh())
    setImmediate(() => setImmediate(refresh))
  }

  /** The worker accepts no more. Called before its sockets are closed. */
  end(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#sockets = []
    this.#left = []
    this.#options.loads.withdraw()
  }

  /** The worker accepts everything that waits, because its siblings do not. */
  finish(): void {
    this.#join()
    this.end()
  }

  /** It has accepted a connection. */
  accepted(): void {
    if (this.#sockets.length === 0) return
    const load = this.#publish()
    if (load <= this.#options.loads.least() || this.#timer) return
    this.#leave()
    const hasMuchMore = this.#hasMuchMore()
    if (!hasMuchMore) this.#grantAgain(0)
    if (!hasMuchMore || this.#granted-- > 0) this.#join()
    else this.#lookLater()
  }

  /** A connection has ended. */
  closed(): void {
    if (this.#sockets.length === 0) return
    this.#publish()
    if (this.#timer && !this.#hasMuchMore()) this.#join()
  }

  /**
   * To be called now and then: a connection for which the kernel woke only a sibling that was killed at this
   * moment is seen again.
   */
  refresh(): void {
    if (this.#sockets.length === 0) return
    this.#publish()
    if (this.#timer || this.#options.loads.least() === Infinity) return
    this.#leave()
    this.#join()
  }

  #publish(): number {
    const load = this.#options.load()
    this.#options.loads.publish(load)
    return load
  }

  #hasMuchMore(): boolean {
    const { loads, load } = this.#options
    const least = loads.leastAwake()
    return load() > least + slack(least)
  }

  #leave(): void {
    this.#left = this.#sockets.filter((fd) => this.#options.queue.leave(fd))
    this.#looks = 0
  }

  #lookLater(): void {
    const { clock = backgroundClock } = this.#options
    this.#timer = clock.after(look, () => this.#look())
  }

  #look(): void {
    this.#looks += 1
    this.#publish() // it is awake, although it takes nothing
    const hasMuchMore = this.#hasMuchMore()
    if (hasMuchMore && this.#looks < looks) return this.#lookLater()
    this.#grantAgain(hasMuchMore ? this.#grant : 0)
    if (hasMuchMore) this.#options.loads.noteIdle(this.#options.load())
    this.#join()
  }

  #grantAgain(grant: number): void {
    this.#granted = Math.floor(grant)
    this.#grant = Math.max(1, grant * growth)
  }

  /** It waits behind its siblings from now on. Without memory for that it tries again at the next look. */
  #join(): void {
    this.#left = this.#left.filter((fd) => !this.#options.queue.join(fd))
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#left.length > 0) this.#lookLater()
  }
}
