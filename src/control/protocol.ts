// Every request to the control socket, in one table: used by the server, by `tsgunctl` and by its docs page.
// Runs in the arbiter and in `tsgunctl`; pure, and imports nothing, so that it loads fast.

import type { LastReload, ServerState } from '../arbiter/model/server-state.ts'
import type { BusFigures, ScheduleSnapshot, TaskFigures } from '../arbiter/model/snapshot.ts'
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
  /** Bytes of progress that a client has not read; with more it is disconnected. */
  unread: 1024 * 1024,
} as const

/** One field of a request's JSON body. */
export interface BodyField {
  /** Its JSON type; `tsgunctl` takes it as an argument, a `flag` as an option without a value. */
  readonly kind: 'number' | 'text' | 'flag'
  /** Completes the sentence "expected …". */
  readonly expects: string
  readonly required: boolean
  readonly doc: string
}

export interface Route {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly does: string
  readonly body: Readonly<Record<string, BodyField>>
  /** Completes the sentence "wait …" about `?wait=1`; null for a command that completes at once. */
  readonly waits: string | null
}

export const routes = {
  status: {
    method: 'GET',
    path: '/status',
    does: 'Shows the state of the server.',
    body: {},
    waits: null,
  },
  workers: {
    method: 'GET',
    path: '/workers',
    does: 'Lists the workers.',
    body: {},
    waits: null,
  },
  reload: {
    method: 'POST',
    path: '/reload',
    does: 'Loads the current config, hooks and app and replaces the workers one at a time, as HUP does.',
    body: {},
    waits: 'until the new generation serves or the reload has failed',
  },
  rotate: {
    method: 'POST',
    path: '/rotate',
    does: 'Rotates the log files now. Empty files, and logs that are not files, are skipped.',
    body: {
      log: {
        kind: 'text',
        expects: '"access", "error", "app" or "all"',
        required: false,
        doc: 'Which log to rotate. Default: all.',
      },
    },
    waits: null,
  },
  reopen: {
    method: 'POST',
    path: '/reopen',
    does: 'Reopens the log files, as USR1 does, after another program has renamed them.',
    body: {},
    waits: null,
  },
  scale: {
    method: 'POST',
    path: '/scale',
    does: 'Changes the number of workers until the next reload, as TTIN and TTOU do.',
    body: {
      service: {
        kind: 'text',
        expects: 'the name of a service',
        required: false,
        doc: 'The service. Default: "web", the app of the server.',
      },
      workers: {
        kind: 'number',
        expects: 'a whole number from 1 to 1024',
        required: true,
        doc: 'The number of workers.',
      },
    },
    waits: null,
  },
  schedules: {
    method: 'GET',
    path: '/schedules',
    does: 'Lists the schedules, with their last runs.',
    body: {},
    waits: null,
  },
  run: {
    method: 'POST',
    path: '/run',
    does: 'Runs a schedule now.',
    body: {
      schedule: {
        kind: 'text',
        expects: 'the name of a schedule',
        required: true,
        doc: 'The schedule.',
      },
    },
    waits: null,
  },
  restart: {
    method: 'POST',
    path: '/restart',
    does: 'Replaces the processes of one service, one at a time, without loading the config again.',
    body: {
      service: {
        kind: 'text',
        expects: 'the name of a service',
        required: true,
        doc: 'The service; "web" is the app of the server.',
      },
    },
    waits: null,
  },
  upgrade: {
    method: 'POST',
    path: '/upgrade',
    does: 'Starts a new master with the same sockets, as USR2 does, for example of a new version.',
    body: {},
    waits: 'until the new master serves or the upgrade has failed',
  },
  stop: {
    method: 'POST',
    path: '/stop',
    does: 'Stops the server: gracefully as TERM does, or with `quick` as INT does.',
    body: {
      quick: {
        kind: 'flag',
        expects: 'true or false',
        required: false,
        doc: 'Stop at once: requests in progress are aborted.',
      },
    },
    waits: 'until the server has exited',
  },
} as const satisfies Readonly<Record<string, Route>>

export type Command = keyof typeof routes
/** The commands that change the server; each is an order to the arbiter. */
export type OrderCommand = {
  [Name in Command]: (typeof routes)[Name]['method'] extends 'POST' ? Name : never
}[Command]

export const commands = Object.keys(routes) as Command[] // the table's own keys

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
