// What the arbiter remembers of a slot between one worker and the next. Types only.

export interface SlotHistory {
  /** Failures in a row: ends before ready, or soon after. */
  readonly failures: number
  /** Monotonic milliseconds before which no worker is started for the slot. */
  readonly notBefore: number
}

export const freshSlot: SlotHistory = { failures: 0, notBefore: 0 }

export interface CrashLoop {
  readonly failures: number
  /** Why the last worker failed, in one line. */
  readonly lastError: string
  /** The delay has grown with this failure, or a reminder is due: only then is it logged above `debug`. */
  readonly isNew: boolean
}
