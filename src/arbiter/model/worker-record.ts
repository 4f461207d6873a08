// Runs in the arbiter: one worker as the arbiter knows it. Plain data, so that every rule can be tested
// without a process.

import type { StuckReport } from '../../config/hooks/views.ts'
import { mainService } from '../../config/sources/service-plans.ts'
import type { ErrorReport } from '../../ipc/messages.ts'
import { noLimits, type Due, type DueReason, type WorkerLimits } from './limits.ts'
import type { WorkerState } from './worker-state.ts'

/** Why a worker ends. The first reason that is recorded stays; without one the process ended by itself. */
export type ExitReason =
  | DueReason
  | 'retired'
  | 'reload'
  | 'scale'
  | 'stop'
  | 'quit'
  | 'timeout'
  | 'boot_timeout'
  | 'reload_failed'
  | 'disconnected'
  | 'change'
  /** Of a run of a schedule: it has done its work; it took too long; the next one takes its place. */
  | 'done'
  | 'run_timeout'
  | 'overlap'

export interface WorkerRecord {
  /** The slot. */
  readonly nr: number
  /** The name of its task pool; null in any other pool. */
  readonly task: string | null
  /** The name of its service, "web" for a worker of the app; null for a process of a task. */
  readonly service: string | null
  readonly age: number
  readonly generation: number
  readonly state: WorkerState
  /** Null until the process is started. */
  readonly pid: number | null
  /** Monotonic milliseconds at which it was started, became ready, and sent its last beat. */
  readonly spawnedAt: number
  readonly readyAt: number | null
  readonly lastBeat: number
  /** When the state ends by force; null when it has no limit. */
  readonly deadline: number | null
  /** Milliseconds that it waits, when it has booted, before it listens. */
  readonly trial: number
  /** A development restart has started it: its comings and goings are not reported one by one. */
  readonly restart: boolean
  readonly reason: ExitReason | null
  /** Whether the arbiter has sent SIGKILL. */
  readonly killed: boolean
  /** Whether a new connection may reach it: from ready until it reports that its gate is shut. */
  readonly accepting: boolean
  /** Of a service with `run`: whether its start() runs; null in any other pool. */
  readonly running: boolean | null
  /** A debugger may be attached: silence means nothing. */
  readonly debugged: boolean
  /** The report of its watchdog; null when it was not stuck, or could not report. */
  readonly report: StuckReport | null
  /** The error that it reported while it booted. */
  readonly bootError: string | null
  /** The uncaught error that ends it. */
  readonly fault: ErrorReport | null
  readonly load: WorkerLoad
  readonly limits: WorkerLimits
  /** Its process has exited before its drain was over, with this many requests in flight. */
  readonly left: { readonly busy: number } | null
  /** Set once it has passed a limit that gets it replaced. */
  readonly due: Due | null
}

/** What it reported with its last beat. Memory is in bytes, and 0 before the first beat. */
export interface WorkerLoad {
  readonly requests: number
  readonly busy: number
  readonly connections: number
  readonly overdue: number
  readonly rss: number
  readonly heapUsed: number
  readonly heapLimit: number
}

export function newRecord(
  place: Pick<WorkerRecord, 'nr' | 'age' | 'generation'> &
    Partial<Pick<WorkerRecord, 'task' | 'service' | 'running' | 'trial' | 'restart'>>,
  now: number,
  deadline: number | null,
  limits: WorkerLimits = noLimits,
): WorkerRecord {
  return {
    task: null,
    service: mainService,
    running: null,
    trial: 0,
    restart: false,
    ...place,
    state: 'spawned',
    pid: null,
    spawnedAt: now,
    readyAt: null,
    lastBeat: now,
    deadline,
    reason: null,
    killed: false,
    accepting: false,
    debugged: false,
    report: null,
    bootError: null,
    fault: null,
    load: { requests: 0, busy: 0, connections: 0, overdue: 0, rss: 0, heapUsed: 0, heapLimit: 0 },
    limits,
    left: null,
    due: null,
  }
}

/** Reasons that are not part of the arbiter's plan: the worker was stuck, or left by itself. */
const faults: readonly (ExitReason | null)[] = ['timeout', 'boot_timeout', 'disconnected']

/** Whether the arbiter ordered the worker to end as part of its plan: neither a death, nor an abort. */
export function isPlanned({ reason }: Pick<WorkerRecord, 'reason'>): boolean {
  return reason !== null && !faults.includes(reason)
}
