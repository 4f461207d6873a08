// The arbiter's sense of time: monotonic, so that a clock that is set does not kill workers, and given as a
// value, so that tests have their own.

export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Milliseconds since some moment; never goes back. */
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
