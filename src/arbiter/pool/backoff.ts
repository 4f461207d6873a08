// Runs in the arbiter: how long a slot waits before its next worker, after workers that failed soon, and when
// that is a crash loop. The rules are pure; `Slots` remembers.

import type { ProcessEnd } from '../model/commands.ts'
import type { Report } from '../model/events.ts'
import { lastErrorOf } from '../model/last-error.ts'
import { wasOrdered, type WorkerRecord } from '../model/worker-record.ts'

/** Milliseconds from ready until an end no longer counts as a failure of the start. */
const settled = 1000
/**
 * So many quick failures in a row are met at once: a worker that is killed by hand is replaced without delay.
 * With one more it is a crash loop.
 */
const free = 2
const firstDelay = 250
const longestDelay = 30_000
/**
 * How much of a delay chance takes off at most, so that the slots of an app that fails do not all start at
 * the same moment.
 */
const jitter = 0.2
/**
 * At the longest delay a crash loop is told once more with each so many failures: every ten minutes or so.
 */
const reminder = 20

/** What a slot remembers of its workers. */
export interface SlotHistory {
  /** Failures in a row: ends before ready, or soon after. */
  readonly failures: number
  /** Monotonic milliseconds before which no worker is started for the slot. */
  readonly notBefore: number
}

export const freshSlot: SlotHistory = { failures: 0, notBefore: 0 }

/** Whether a worker may be started for the slot at this moment. */
export function mayStart(slots: ReadonlyMap<number, SlotHistory>, nr: number, now: number): boolean {
  return (slots.get(nr) ?? freshSlot).notBefore <= now
}

/** What a failure means for its slot. */
export interface Failure {
  /** Milliseconds until the next worker may start. */
  readonly wait: number
  /** Absent while the slot is in no crash loop. */
  readonly loop?: CrashLoop
}

export interface CrashLoop {
  readonly failures: number
  /** Why the last one failed, in one line. */
  readonly lastError: string
  /**
   * Whether the delay has grown with this failure, or it is time for a reminder: only then the log tells it.
   */
  readonly isNew: boolean
}

/** From 0 to 1, as Math.random. */
export type Random = () => number

/** What is remembered of all slots. */
export class Slots {
  readonly histories = new Map<number, SlotHistory>()
  readonly #last = new Map<number, { readonly error: string; readonly at: number }>()
  readonly #random: Random

  constructor(random: Random = Math.random) {
    this.#random = random
  }

  /** What the end of a worker means for its slot: nothing if it was told to end. */
  ended(worker: WorkerRecord, end: ProcessEnd, now: number): Failure {
    if (wasOrdered(worker)) return { wait: 0 }
    return this.failed(worker.nr, { readyAt: worker.readyAt, now }, lastErrorOf(worker, end))
  }

  /** A worker has ended that nobody told to. */
  failed(nr: number, end: WorkerEnd, error: string): Failure {
    const history = afterEnd(this.histories.get(nr) ?? freshSlot, end, this.#random)
    this.histories.set(nr, history)
    this.#last.set(nr, { error, at: end.now })
    const { failures, notBefore } = history
    const wait = Math.max(0, notBefore - end.now)
    return isLooping(history)
      ? { wait, loop: { failures, lastError: error, isNew: isNewStep(failures) } }
      : { wait }
  }

  isLooping(nr: number): boolean {
    return isLooping(this.histories.get(nr) ?? freshSlot)
  }

  lastError(nr: number): string | null {
    return this.#last.get(nr)?.error ?? null
  }

  /**
   * Forgets the failures of slots whose next worker has lived long enough. Answers the slots that were in a
   * crash loop, with their worker.
   */
  recover(
    workers: readonly WorkerRecord[],
    now: number,
  ): { readonly worker: WorkerRecord; readonly failures: number }[] {
    if (this.histories.size === 0) return []
    const healthy = workers.filter((worker) => {
      const at = this.#last.get(worker.nr)?.at
      return (
        at !== undefined &&
        worker.state === 'ready' &&
        worker.spawnedAt >= at &&
        hasSettled({ readyAt: worker.readyAt, now })
      )
    })
    return healthy.flatMap((worker) => {
      const history = this.histories.get(worker.nr) ?? freshSlot
      this.histories.delete(worker.nr)
      this.#last.delete(worker.nr)
      return isLooping(history) ? [{ worker, failures: history.failures }] : []
    })
  }

  noticeRecovery(workers: readonly WorkerRecord[], now: number, report: Report): void {
    for (const slot of this.recover(workers, now)) report({ type: 'slot_recovered', ...slot })
  }

  /** Other code, other luck. */
  clear(): void {
    this.histories.clear()
    this.#last.clear()
  }
}

export interface WorkerEnd {
  readonly readyAt: number | null
  readonly now: number
}

/** After an end that nobody ordered. The delay doubles with each failure in a row, up to 30 seconds. */
export function afterEnd(history: SlotHistory, end: WorkerEnd, random: Random): SlotHistory {
  if (hasSettled(end)) return freshSlot
  const failures = history.failures + 1
  const delay = failures <= free && end.readyAt !== null ? 0 : longestWait(failures)
  return { failures, notBefore: end.now + delay * (1 - jitter * random()) }
}

function hasSettled({ readyAt, now }: WorkerEnd): boolean {
  return readyAt !== null && now - readyAt >= settled
}

function longestWait(failures: number): number {
  return Math.min(longestDelay, firstDelay * 2 ** Math.max(0, failures - free))
}

function isLooping({ failures }: SlotHistory): boolean {
  return failures > free
}

function isNewStep(failures: number): boolean {
  return longestWait(failures) > longestWait(failures - 1) || failures % reminder === 0
}
