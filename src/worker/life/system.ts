// Runs in a worker: all that its life needs of the process and of Node.js, passed in as a value, so that
// tests run the same code without a process.

import { announceDrain } from '../../app/drain-signal.ts'
import type { ExitCalls } from '../../os/program/exit-calls.ts'
import type { ProgramEnd } from '../../os/program/program-end.ts'
import { backgroundClock, systemClock, type Clock } from '../../os/system/clock.ts'
import type { WorkerMessage } from '../../ipc/messages.ts'
import { measureMemory, oldSpaceLimit, type Memory } from '../process/memory.ts'
import type { Alarm } from './alarm.ts'

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
  /** Sends a message without the channel. */
  readonly report: (message: WorkerMessage) => void
  /** The end of the app that shares this process. */
  readonly program: Pick<ProgramEnd, 'begin' | 'step' | 'run'>
  /** process.exit as Node has it. */
  readonly exit: (code: number) => void
}

interface SystemParts extends Pick<WorkerSystem, 'alarm' | 'report'> {
  readonly program: ProgramEnd
  /** Whether it maps memory of preload(). */
  readonly shares: boolean
}

export function workerSystem(
  process: Pick<NodeJS.Process, 'ppid'>,
  exits: Pick<ExitCalls, 'exitNow'>,
  { program, shares, alarm, report }: SystemParts,
): WorkerSystem {
  let heapLimit: number | undefined
  return {
    clock: systemClock,
    background: backgroundClock,
    alarm,
    parent: () => process.ppid,
    memory: () => measureMemory((heapLimit ??= oldSpaceLimit()), shares),
    announceDrain,
    report,
    program,
    exit: exits.exitNow,
  }
}
