// Runs in a worker: a task as its calls use it.

import type { BadFrame } from '../wire/frame.ts'
import type { AbortWatch } from './abort-watch.ts'
import type { CallStatistics } from './counters.ts'
import type { TaskTarget } from './options.ts'

export interface CallTarget extends Required<TaskTarget> {
  readonly name: string
  readonly statistics: CallStatistics
  readonly aborts: AbortWatch
  /** For what arrives between frames. */
  readonly scratch: Buffer
  readonly isStopping: () => boolean
  /** A task process has sent what is no message. */
  readonly logBadFrame: (error: BadFrame) => void
}
