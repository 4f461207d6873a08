// What the control socket and its clients say to each other, besides the requests of routes.ts. Runs in the
// arbiter and in `tsgunctl`; pure, and imports nothing, so that it loads fast.

import type { LastReload, ServerState } from '../arbiter/model/server-state.ts'
import type { BusFigures, ScheduleSnapshot, TaskFigures } from '../arbiter/model/snapshot.ts'
import type { LogName } from '../logging/log-names.ts'
import type { LogView, SlotView, WorkerView } from '../config/hooks/views.ts'

export { serverStates, type LastReload, type ServerState } from '../arbiter/model/server-state.ts'
export type { LogView, SlotView, WorkerView } from '../config/hooks/views.ts'

/** The `Server` header of each response. It distinguishes a control socket from the app's own socket. */
export const serverName = 'tsgun'

export const limits = {
  /** Clients at a time; a further one is disconnected at once. */
  connections: 32,
  /** Bytes of the body and of the head of a request. */
  body: 64 * 1024,
  head: 8 * 1024,
  /** Milliseconds to receive a complete request, and to send a response. */
  request: 5000,
  response: 10_000,
  /** Bytes that a client has not read; with more it is disconnected, or log records are left out. */
  unread: 1024 * 1024,
  /** Milliseconds in which a client that follows the logs reads nothing; then it is disconnected. */
  stall: 600_000,
} as const

/** A task pool; two of a name during a reload. */
export interface TaskStatus extends TaskFigures {
  readonly name: string
  readonly generation: number
  readonly processes: { readonly wanted: number; readonly ready: number }
}

/** A further service. */
export interface ServiceStatus {
  readonly name: string
  readonly generation: number
  readonly processes: { readonly wanted: number; readonly ready: number }
  readonly slots: readonly SlotView[]
}

export interface Status {
  readonly version: string
  readonly pid: number
  readonly state: ServerState
  readonly uptime_seconds: number
  readonly config: string | null
  readonly listeners: readonly string[]
  readonly generation: number
  readonly workers: { readonly wanted: number; readonly ready: number }
  readonly requests: { readonly answered: number; readonly busy: number; readonly overdue: number }
  readonly connections: number
  readonly last_reload: LastReload | null
  readonly slots: readonly SlotView[]
  readonly services: readonly ServiceStatus[]
  readonly tasks: readonly TaskStatus[]
  /** Null while no process uses the bus. */
  readonly bus: BusFigures | null
  readonly logs: Readonly<Record<string, LogView>>
}

export interface WorkersResponse {
  readonly workers: readonly WorkerView[]
}

export interface SchedulesResponse {
  readonly schedules: readonly ScheduleSnapshot[]
}

/** A line of progress for a client that waits. */
export interface ProgressLine {
  readonly level: string
  readonly msg: string
}

/** The last line of progress. */
export type Outcome = { readonly done: true } | { readonly done: false; readonly reason: string }

/** A line of the response to `logs`: records of one process, of the service or about it. */
export interface RecordsLine {
  readonly log: LogName
  /** Null for records that are about no service. */
  readonly service: string | null
  /** The number of the process; null when it has none. */
  readonly worker: number | null
  /** One or more whole records, each of which ends in a newline. */
  readonly records: string
}

/** The records before it are the latest ones; those after it are new. */
export interface RecentLine {
  readonly recent: true
}

/** These bytes of records were left out, because the client did not read. */
export interface MissedLine {
  readonly missed: number
}

export type LogStreamLine = RecordsLine | RecentLine | MissedLine
