// Runs in the arbiter: how long a slot waits before its next worker, after workers that failed soon, and when
// that is a crash loop. The rules are pure; `SlotHistories` keeps the histories.

import type { Emit } from '../model/events.ts'
import { freshSlot, type CrashLoop, type SlotHistory } from '../model/slot.ts'
import type { Verdict } from '../model/death/verdict.ts'
import type { WorkerRecord } from '../model/worker-record.ts'

/** Milliseconds from ready until an end no longer counts as a failure of the start. */
const settled = 1000
/**
 * This many quick failures in a row are followed by a worker at once: a worker that is killed by hand is
 * replaced without delay. One more is a crash loop.
 */
const free = 2
const firstDelay = 250
const longestDelay = 30_000
/** The part of a delay that chance takes off at most: the slots of a failing app do not start in step. */
const jitter = 0.2
/** At the longest delay a crash loop is reported again after this many failures: about every ten minutes. */
const reminder = 20

/** Whether a worker may be started for the slot now. */
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

/** From 0 to 1, as Math.random. */
export type Random = () => number

/** The histories of all slots of a pool. */
export class SlotHistories {
  readonly histories = new Map<number, SlotHistory>()
  readonly #last = new Map<number, { readonly error: string; readonly at: number }>()
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  /** What the end of a worker means for its slot: nothing if it was planned. */
  ended(worker: WorkerRecord, verdict: Verdict, now: number): Failure {
    const { nr, readyAt } = worker
    if (!verdict.isPlanned) return this.failed(nr, { readyAt, now }, verdict.lastError)
    const lasted = lastedUntilSelf(worker)
    if (lasted === undefined || lasted >= settled) return { wait: 0 }
    return this.failed(nr, { readyAt: now - lasted, now }, 'its app has sent a signal to its own process')
  }

  /** Records an unplanned end. */
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
   * Forgets the failures of slots whose next worker has lived long enough. Returns the slots that were in a
   * crash loop, with their worker.
   */
  recover(
    workers: readonly WorkerRecord[],
    now: number,
  ): { readonly worker: WorkerRecord; readonly failures: number }[] {
    if (this.histories.size === 0) return []
    return workers
      .filter((worker) => this.#isHealthy(worker, now))
      .flatMap((worker) => {
        const history = this.histories.get(worker.nr) ?? freshSlot
        this.histories.delete(worker.nr)
        this.#last.delete(worker.nr)
        return isLooping(history) ? [{ worker, failures: history.failures }] : []
      })
  }

  reportRecovery(workers: readonly WorkerRecord[], now: number, emit: Emit): void {
    for (const slot of this.recover(workers, now)) emit({ type: 'slot_recovered', ...slot })
  }

  /** For new code: what failed before says nothing about it. */
  clear(): void {
    this.histories.clear()
    this.#last.clear()
  }

  /** It is newer than the last failure of its slot, and has lived long enough. */
  #isHealthy({ nr, state, spawnedAt, readyAt }: WorkerRecord, now: number): boolean {
    const at = this.#last.get(nr)?.at
    return at !== undefined && state === 'ready' && spawnedAt >= at && hasSettled({ readyAt, now })
  }
}

/** Milliseconds from ready until the app asked to be replaced; undefined if it did not. */
function lastedUntilSelf({ readyAt, reason, due }: WorkerRecord): number | undefined {
  return reason === 'self' && readyAt !== null && due !== null ? due.since - readyAt : undefined
}

export interface WorkerEnd {
  readonly readyAt: number | null
  readonly now: number
}

/** After an unplanned end. The delay doubles with each failure in a row, up to 30 seconds. */
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
