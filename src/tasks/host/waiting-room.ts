// Runs in a task process: the connections that it has accepted and not begun to run, and which of them come
// first.

import { priorities } from '../model/queues.ts'
import type { Caller } from './caller.ts'

export class WaitingRoom {
  readonly #callers = new Set<Caller>()

  get size(): number {
    return this.#callers.size
  }

  add(caller: Caller): void {
    this.#callers.add(caller)
  }

  /** Returns false when it was not there. */
  delete(caller: Caller): boolean {
    return this.#callers.delete(caller)
  }

  all(): readonly Caller[] {
    return [...this.#callers]
  }

  /**
   * Those whose request is about to be complete: of which something has arrived lately, or that have just
   * connected.
   */
  get arriving(): number {
    let count = 0
    for (const caller of this.#callers) if (isArriving(caller)) count += 1
    return count
  }

  /** A turn of the event loop is over: what had been sent could be read in it. */
  turn(): void {
    for (const caller of this.#callers) if (caller.stage === 'silent') caller.silentTurns += 1
  }

  /** The complete requests, those of the high priority first, otherwise in the order of their arrival. */
  ready(): readonly Caller[] {
    const ready = this.all().filter(({ stage }) => stage === 'ready')
    if (ready.length < 2) return ready
    return priorities.flatMap((priority) => ready.filter((caller) => caller.priority === priority))
  }
}

/**
 * Milliseconds in which a caller that has just connected sends its request; and turns of the event loop, so
 * that a time in which this process did not run does not count.
 */
const [freshTime, freshTurns] = [2, 3]

function isArriving({ stage, quietChecks, acceptedAt, silentTurns }: Caller): boolean {
  if (stage === 'arriving') return quietChecks === 0
  if (stage !== 'silent') return false
  return silentTurns < freshTurns || performance.now() - acceptedAt < freshTime
}

/** Which of the complete requests run together now: one that has to run alone has no company. */
export function firstBatch(ready: readonly Caller[], max: number): readonly Caller[] {
  const isAlone = ({ request }: Caller): boolean => request?.isAlone === true
  const [first] = ready
  if (first && isAlone(first)) return [first]
  const end = ready.findIndex(isAlone)
  return ready.slice(0, Math.min(max, end === -1 ? ready.length : end))
}
