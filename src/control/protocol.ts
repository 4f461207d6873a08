// Everything that can be asked of the control socket, in one table: the server answers by it, `tsgunctl` is
// made of it, and docs/control.md tells it. Runs in the arbiter and in `tsgunctl`; pure, and imports nothing
// that takes time to load.

import type { LastReload, ServerState } from '../arbiter/model/server-state.ts'
import type { LogView, SlotView, WorkerView } from '../config/hooks/views.ts'

export { serverStates, type LastReload, type ServerState } from '../arbiter/model/server-state.ts'
export type { LogView, SlotView, WorkerView } from '../config/hooks/views.ts'

export const limits = {
  /** Clients at a time; one more is cut off at once. */
  connections: 32,
  /** Bytes of a request's body, and of its head. */
  body: 64 * 1024,
  head: 8 * 1024,
  /** Milliseconds in which a request has to be complete, and an answer has to be taken. */
  request: 5000,
  answer: 10_000,
  /** Bytes of progress that wait for a client which does not read; then it is cut off. */
  unread: 1024 * 1024,
} as const

/** One field of a request's JSON body. */
export interface BodyField {
  /** As JSON, and how `tsgunctl` takes it: a word, or a flag for true. */
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
  /** What `?wait=1` waits for; null where there is nothing to wait for. */
  readonly waits: string | null
}

export const routes = {
  status: {
    method: 'GET',
    path: '/status',
    does: 'The server at this moment.',
    body: {},
    waits: null,
  },
  workers: {
    method: 'GET',
    path: '/workers',
    does: 'Every worker that lives.',
    body: {},
    waits: null,
  },
  reload: {
    method: 'POST',
    path: '/reload',
    does: 'Loads config, hooks and app anew and replaces the workers one at a time, as HUP does.',
    body: {},
    waits: 'until the new generation serves, or the old one is back',
  },
  rotate: {
    method: 'POST',
    path: '/rotate',
    does: 'Rotates the log files now. Empty ones, and logs that are no files, stay as they are.',
    body: {
      log: {
        kind: 'text',
        expects: '"access", "error", "app" or "all"',
        required: false,
        doc: 'Which log; all when it is left out.',
      },
    },
    waits: null,
  },
  reopen: {
    method: 'POST',
    path: '/reopen',
    does: 'Opens the log files anew, as USR1 does: after something else has renamed them.',
    body: {},
    waits: null,
  },
  scale: {
    method: 'POST',
    path: '/scale',
    does: 'Changes the number of workers until the next reload, as TTIN and TTOU do.',
    body: {
      workers: {
        kind: 'number',
        expects: 'a whole number from 1 to 1024',
        required: true,
        doc: 'How many workers there shall be.',
      },
    },
    waits: null,
  },
  upgrade: {
    method: 'POST',
    path: '/upgrade',
    does: 'Starts a new master with the same sockets, of another tsgun or Node.js perhaps, as USR2 does.',
    body: {},
    waits: 'until the new master serves, or has failed',
  },
  stop: {
    method: 'POST',
    path: '/stop',
    does: 'Stops the server: gracefully as TERM does, or at once as INT does.',
    body: {
      quick: {
        kind: 'flag',
        expects: 'true or false',
        required: false,
        doc: 'At once: requests in flight are cut off.',
      },
    },
    waits: 'until the server is gone',
  },
} as const satisfies Readonly<Record<string, Route>>

export type Command = keyof typeof routes
/** The commands that change something; each is an order to the arbiter. */
export type OrderCommand = {
  [Name in Command]: (typeof routes)[Name]['method'] extends 'POST' ? Name : never
}[Command]

export const commands = Object.keys(routes) as Command[] // the table's own keys

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
  readonly logs: Readonly<Record<string, LogView>>
}

export interface WorkersAnswer {
  readonly workers: readonly WorkerView[]
}

/** A line of progress, while a client waits. */
export interface ProgressLine {
  readonly level: string
  readonly msg: string
}

/** The last line of progress. */
export type Outcome = { readonly done: true } | { readonly done: false; readonly reason: string }

/** Any answer that is no success. */
export interface Failure {
  readonly error: string
}
