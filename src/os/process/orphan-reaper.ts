// Runs in the master, as the first process of a container: processes that outlive their parent become its
// children, and stay in the table of processes after their exit until it waits for them. Node waits only for
// the children that it has started.

import type { Clock, Timer } from '../system/clock.ts'
import type { Reap, Zombie } from '../system/zombies.ts'

/**
 * Milliseconds between two looks. A program that starts a child waits for it within that time; what is left
 * then was started by another process.
 */
const interval = 1000
/** Milliseconds after which it looks without being woken. */
const longest = 60_000

export interface OrphanReaperParts {
  readonly clock: Pick<Clock, 'after'>
  readonly findZombies: () => readonly Zombie[]
  readonly reap: Reap
  /** Calls back after Node was able to wait for the children that have exited by now. */
  readonly nextTurn: (step: () => void) => void
}

export class OrphanReaper {
  readonly #parts: OrphanReaperParts
  #seen: readonly Zombie[] = []
  #timer: Timer | undefined
  /** The timer is that of the next short interval. */
  #isAwake = false
  #isStopped = false

  constructor(parts: OrphanReaperParts) {
    this.#parts = parts
    this.wake()
  }

  /** A child has exited. */
  wake(): void {
    if (!this.#isAwake) this.#schedule(interval)
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  #schedule(delay: number): void {
    this.#isAwake = delay === interval
    this.#timer?.cancel()
    this.#timer = this.#parts.clock.after(delay, () => this.#parts.nextTurn(() => this.#look()))
  }

  /** Those that were seen before belong to no part of this process. */
  #look(): void {
    if (this.#isStopped) return
    const { findZombies, reap } = this.#parts
    const found = findZombies()
    const isOld = ({ pid, startedAt }: Zombie): boolean =>
      this.#seen.some((each) => each.pid === pid && each.startedAt === startedAt)
    for (const zombie of found) if (isOld(zombie)) reap(zombie.pid)
    this.#seen = found.filter((zombie) => !isOld(zombie))
    this.#schedule(this.#seen.length > 0 ? interval : longest)
  }
}
