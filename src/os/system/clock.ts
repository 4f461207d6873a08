// The arbiter's clock: monotonic, so that a change of the system time does not kill workers, and passed as a
// value, so that tests can use their own.

export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Milliseconds since a fixed moment; never decreases. */
  now(): number
  after(milliseconds: number, callback: () => void): Timer
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, Math.min(milliseconds, 2_147_483_647))
    return { cancel: () => clearTimeout(timer) }
  },
}

/** Resolves after this many milliseconds. */
export function wait(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => void clock.after(milliseconds, resolve))
}
