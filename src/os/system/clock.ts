// A clock: monotonic, so that a change of the system time does not kill workers, and passed as a value, so
// that tests can use their own. Any process.

export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Milliseconds since a fixed moment; never decreases. */
  now(): number
  after(milliseconds: number, callback: () => void): Timer
}

/** The longest delay that setTimeout accepts, in milliseconds. */
export const longestDelay = 2_147_483_647

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (milliseconds, callback) => cancelling(delayed(milliseconds, callback)),
}

/** The same time; its timers do not keep the process alive. */
export const backgroundClock: Clock = {
  now: () => performance.now(),
  after: (milliseconds, callback) => cancelling(delayed(milliseconds, callback).unref()),
}

function delayed(milliseconds: number, callback: () => void): NodeJS.Timeout {
  return setTimeout(callback, Math.min(milliseconds, longestDelay))
}

function cancelling(timer: NodeJS.Timeout): Timer {
  return { cancel: () => clearTimeout(timer) }
}

/** Resolves after this many milliseconds. */
export function wait(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => void clock.after(milliseconds, resolve))
}

/**
 * Milliseconds on the monotonic clock of the machine (CLOCK_MONOTONIC), which all processes share: for times
 * that one process notes and another one compares.
 */
export function machineNow(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
