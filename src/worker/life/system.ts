// Runs in a worker: all that its life needs of the process and of Node.js, passed in as a value, so that
// tests run the same code without a process.

import { announceDrain } from '../../app/drain-signal.ts'
import { backgroundClock, systemClock, type Clock } from '../../os/system/clock.ts'
import { measureMemory, oldSpaceLimit, type Memory } from '../process/memory.ts'
import { systemAlarm, type Alarm } from './alarm.ts'

export interface WorkerSystem {
  /** Its timers keep the process alive. */
  readonly clock: Clock
  /** Its timers do not. */
  readonly background: Clock
  readonly alarm: Alarm
  /** The pid of the parent: the master, until it exits. */
  readonly parent: () => number
  readonly memory: () => Memory
  /** Fires the `drainSignal` of the app. */
  readonly announceDrain: () => void
  /** process.exit. */
  readonly exit: (code: number) => void
}

export function workerSystem(process: Pick<NodeJS.Process, 'ppid' | 'exit'>): WorkerSystem {
  let heapLimit: number | undefined
  return {
    clock: systemClock,
    background: backgroundClock,
    alarm: systemAlarm(),
    parent: () => process.ppid,
    memory: () => measureMemory((heapLimit ??= oldSpaceLimit())),
    announceDrain,
    exit: (code) => process.exit(code),
  }
}
