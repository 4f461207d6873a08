// The server at one moment: the one description of server, pools, workers and logs that the hooks, the
// control socket and systemd read. Types only; loop/arbiter.ts takes it, view.ts renders it for hooks and
// clients.

import type { LogView, SlotView } from '../../config/hooks/views.ts'
import type { Durations } from '../../config/settings/durations.ts'
import type { Settings } from '../../config/settings/table.ts'
import type { LogName } from '../../logging/log-names.ts'
import type { CallCounts } from '../../ipc/task-report.ts'
import type { LastReload, ServerState } from './server-state.ts'
import type { WorkerRecord } from './worker-record.ts'

/** What is only known from the events so far. */
export interface ServerHistory {
  readonly state: ServerState
  readonly lastReload: LastReload | null
  /** Requests of workers that have exited. */
  readonly answered: number
}

/** What has become of the calls of a task since the start of the server; times are in milliseconds. */
export interface TaskFigures extends CallCounts {
  readonly batches: number
  /** Inputs per batch; null without any. Times: null without any. */
  readonly batch_mean: number | null
  readonly wait_p50_ms: number | null
  readonly wait_p99_ms: number | null
  readonly run_p50_ms: number | null
  readonly run_p99_ms: number | null
}

/** What has gone over the bus since the start of the server. */
export interface BusFigures {
  readonly published: number
  readonly delivered: number
  readonly dropped: number
  /** Now: processes and threads that use it, and their subscriptions. */
  readonly clients: number
  readonly subscriptions: number
  /** Brokers that were replaced. */
  readonly restarts: number
}

export interface PoolSnapshot {
  readonly name: string
  /** How many workers there should be. */
  readonly target: number
  /** The generation that every slot should have. */
  readonly generation: number
  /** Every worker that may have a process, oldest first. */
  readonly workers: readonly WorkerRecord[]
  /** Slots 0 to target - 1. */
  readonly slots: readonly SlotView[]
  /** Of a task pool: returns its figures, which are only added up when they are shown. */
  readonly figures?: () => TaskFigures
  /** It is the pool of a further service. */
  readonly isService?: boolean
}

/** A run of a schedule that has ended. */
export interface RunView {
  /** In ISO 8601. */
  readonly started: string
  readonly pid: number | null
  readonly seconds: number
  readonly ok: boolean
  /** How it ended; null when it has done its work. */
  readonly reason: string | null
}

export interface ScheduleSnapshot {
  readonly name: string
  readonly cron: string
  readonly timezone: string | null
  /** When it is due next, in ISO 8601; null when no further time comes. */
  readonly next: string | null
  /** The process id of the run in progress; null without one. */
  readonly running: number | null
  readonly waiting: number
  readonly runs: number
  readonly failed: number
  readonly missed: number
  readonly skipped: number
  /** The last runs, oldest first. */
  readonly history: readonly RunView[]
}

export interface Snapshot {
  readonly version: string
  readonly pid: number
  /** The config file in use. */
  readonly config: string | null
  readonly settings: Settings
  readonly durations: Durations
  readonly listeners: readonly string[]
  /** The pool of the app comes first. */
  readonly pools: readonly [PoolSnapshot, ...PoolSnapshot[]]
  readonly schedules: readonly ScheduleSnapshot[]
  readonly logs: Readonly<Record<LogName, LogView>>
  /** Those that services and schedules have of their own: `feed/app`. */
  readonly ownLogs: Readonly<Record<string, LogView>>
  readonly history: ServerHistory
  /** When its start has begun, in monotonic milliseconds; 0 is the start of the process. */
  readonly startedAt: number
  /** Absent while no process uses the bus. */
  readonly bus?: BusFigures | undefined
  /** When it was taken, in monotonic milliseconds. */
  readonly now: number
}

export type TakeSnapshot = () => Snapshot
