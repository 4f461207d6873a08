// What start() of a service gets. Types only.

import type { Logger } from 'pino'
import type { Bus } from '../bus/model/bus.ts'

/** The argument of `start()` in a module of `run`. */
export interface ServiceContext {
  /** The name of the service. */
  readonly name: string
  /** The number of this instance, from 0; the one that replaces it has the same number. */
  readonly nr: number
  /**
   * Aborted when this process is to end: finish what is in progress, and let the promise of start() settle
   * within `graceful_timeout`. Its reason is an Error that says why.
   */
  readonly signal: AbortSignal
  /**
   * With `lock`: the number of this holding of the lock, which is larger than that of each one before.
   * Undefined without `lock`. A store that is written to can refuse a number below the largest that it has
   * seen: that comes from a process which has lost the lock without knowing.
   */
  readonly fence: number | undefined
  /** The app log: the `log` of 'tsgun'. */
  readonly log: Logger
  /** Messages between all processes of the server: the `bus` of 'tsgun'. */
  readonly bus: Bus
}

/** The argument of `run()` in a module of a schedule. */
export interface ScheduleContext extends Omit<ServiceContext, 'nr' | 'fence'> {
  /** The time for which it runs: that of `cron`, or that of the order to run now. */
  readonly time: Date
}

/** The function that a module of a schedule exports as `run`, or as its default. */
export type ScheduleRun = (context: ScheduleContext) => Promise<void> | void

/** The function that a module of `run` exports as `start`, or as its default. */
export type ServiceStart = (context: ServiceContext) => Promise<void> | void
