// Runs in the arbiter: how long a slot waits before its next worker, after workers that failed soon. Pure.

/** Milliseconds from ready until an end no longer counts as a failure of the start. */
const settled = 1000
/** So many quick failures in a row are met at once: a worker that is killed by hand is replaced without delay. */
const free = 2
const firstDelay = 250
const longestDelay = 30_000

/** What a slot remembers of its workers. */
export interface SlotHistory {
  /** Failures in a row: ends before ready, or soon after. */
  readonly failures: number
  /** Monotonic milliseconds before which no worker is started for the slot. */
  readonly notBefore: number
}

export const freshSlot: SlotHistory = { failures: 0, notBefore: 0 }

/** What is remembered of all slots. */
export class Slots {
  readonly histories = new Map<number, SlotHistory>()

  /** A worker has ended that nobody told to. Answers the milliseconds until the next one may start. */
  failed(nr: number, end: WorkerEnd): number {
    const history = afterEnd(this.histories.get(nr) ?? freshSlot, end)
    this.histories.set(nr, history)
    return Math.max(0, history.notBefore - end.now)
  }

  /** Other code, other luck. */
  clear(): void {
    this.histories.clear()
  }
}

export interface WorkerEnd {
  readonly readyAt: number | null
  readonly now: number
}

/** After an end that nobody ordered. The delay doubles with each failure in a row, up to 30 seconds. */
export function afterEnd(history: SlotHistory, { readyAt, now }: WorkerEnd): SlotHistory {
  if (readyAt !== null && now - readyAt >= settled) return freshSlot
  const failures = history.failures + 1
  const delay =
    failures <= free ? (readyAt === null ? firstDelay : 0) : Math.min(longestDelay, firstDelay * 2 ** (failures - free))
  return { failures, notBefore: now + delay }
}
