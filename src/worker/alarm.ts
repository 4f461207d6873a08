// Runs in a worker: the kernel's own alarm, which ends this process when nobody else can: the arbiter was
// killed, and the event loop is blocked. (PR_SET_PDEATHSIG would also end, in the middle of its requests, a
// healthy worker that only has to drain.)

import { loadNative } from '../os/system/native.ts'

/** Seconds that the alarm leaves the arbiter to act first. */
const margin = 5

/**
 * Sets the alarm anew; the earlier one no longer counts. Where the system call is missing, nothing happens.
 */
export function setAlarm(seconds: number): void {
  const native = loadNative()
  if (!(native instanceof Error)) native.alarm(Math.ceil(seconds) + margin)
}

/** No alarm: what this process does may take as long as it likes. */
export function cancelAlarm(): void {
  const native = loadNative()
  if (!(native instanceof Error)) native.alarm(0)
}

/** Ends a process that has this long to finish, whatever its event loop does. */
export function endLatestIn(seconds: number, exit: (code: number) => never): void {
  setAlarm(seconds)
  setTimeout(() => exit(1), (Math.ceil(seconds) + margin - 1) * 1000).unref()
}
