// Runs in a worker: the kernel's own alarm, which ends this process when no other one can: the arbiter was
// killed, and the event loop is blocked. (PR_SET_PDEATHSIG would also end a healthy worker, which only has to
// drain, in the middle of its requests.)

import { loadNative, type NativeCalls } from '../../os/system/native.ts'

export interface Alarm {
  /** This process ends if neither `set` nor `cancel` is called for this many milliseconds and a margin. */
  set(milliseconds: number): void
  cancel(): void
}

/** Milliseconds that the alarm leaves the arbiter to act first. */
export const alarmMargin = 5000

/** The alarm of the system. Does nothing where the system call is missing. */
export function systemAlarm(load: () => Pick<NativeCalls, 'alarm'> | Error = loadNative): Alarm {
  let native: Pick<NativeCalls, 'alarm'> | Error | undefined
  const call = (seconds: number): void => {
    native ??= load() // once: each load takes memory that V8 does not free
    if (!(native instanceof Error)) native.alarm(seconds)
  }
  return {
    set: (milliseconds) => call(Math.ceil(milliseconds / 1000) + alarmMargin / 1000),
    cancel: () => call(0),
  }
}
