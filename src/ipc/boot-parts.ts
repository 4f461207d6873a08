// What the boot message says about the work of one kind of process. Types only.

import type { RemoteLock } from '../config/sources/service-plans.ts'

/** A task that a process may call. */
export interface CallableTask {
  readonly name: string
  /** The sockets of its queues. */
  readonly high: string
  readonly normal: string
  /** Milliseconds that it may run; 0 means no limit. */
  readonly timeout: number
  readonly attempts: number
  readonly maxQueue: number
  readonly processes: number
}

/** What the process of a task pool runs; its listeners are the queues: high first, then normal. */
export interface TaskBoot {
  readonly name: string
  /** The file of its module. */
  readonly file: string
  /** Milliseconds that one may run; 0 means no limit. */
  readonly timeout: number
  readonly maxQueue: number
}

/** The service that a process runs. */
export interface ServiceBoot {
  readonly name: string
  /** With `run`: its module has no address, but a start(). */
  readonly isRunner: boolean
  /** Of a run of a schedule: the time for which it runs, in milliseconds of the epoch. */
  readonly runAt?: number | undefined
  /** The descriptor of a file to lock, so that only one process runs; absent where several may. */
  readonly lock?: number | undefined
  /** The lock of this instance over several machines. */
  readonly remote?: RemoteLock | undefined
}

/** One of the threads of a worker that serve the app. */
export interface ThreadBoot {
  /** From 0. A thread that replaces another one has its number. */
  readonly index: number
  readonly count: number
}
