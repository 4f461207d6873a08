// What a worker class is: the way in which a worker takes connections and serves the app. The worker process
// does the rest, so a class knows nothing of signals, messages and hooks' order.

import type { Server, ServerResponse } from 'node:http'
import type { App, ReportError } from '../../app/model/app.ts'
import type { Board } from '../requests/board.ts'
import type { Probe } from '../requests/probe.ts'
import type { RequestHooks } from '../requests/hooks.ts'
import type { RequestLimit } from '../requests/timeouts.ts'
import type { WriteAccess } from '../requests/access.ts'

export interface ListenTarget {
  readonly fd: number
  readonly url: string
}

export interface ServeOptions {
  readonly app: App
  readonly listeners: readonly ListenTarget[]
  readonly backlog: number
  /** Milliseconds; 0 closes each connection after its response. */
  readonly keepAlive: number
  /** The most connections that are open at a time. */
  readonly connectionLimit: number
  /** Absent when there is no access log: then nothing is measured. */
  readonly writeAccess: WriteAccess | undefined
  /** Absent when the config has neither pre_request nor post_request. */
  readonly requestHooks: RequestHooks | undefined
  /** Absent when requests have no time limit. */
  readonly requestLimit: RequestLimit | undefined
  /** Absent without `health_check`. */
  readonly probe: Probe | undefined
  /** Where the watchdog thread can read the requests in flight; absent when there is none. */
  readonly board: Board | undefined
  readonly report: ReportError
  /** Told once if the connection limit cannot be kept on this platform. */
  readonly onNoGate: (reason: string) => void
  /** It accepts nothing for want of descriptors or memory, until there are some again. */
  readonly onShortage: (reason: string) => void
}

export interface Load {
  readonly requests: number
  readonly busy: number
  readonly connections: number
  /** Requests whose time limit has passed, and which the app has not ended. They are not busy any more. */
  readonly overdue: number
}

/** How a worker ends its service. */
export interface Drain {
  /** Milliseconds after which the rest is closed. */
  readonly within: number
  /**
   * Nobody accepts after this worker, so what waits in the queues of the sockets is its own to answer; or so
   * with these sockets, by their places.
   */
  readonly last: boolean | readonly number[]
  /**
   * Closes idle connections at once, without a last answer on them: a client that is just sending on one has
   * to try again.
   */
  readonly hurry?: boolean
  /** Called when it accepts no more connections. */
  readonly onShut: () => void
}

/** A worker that serves, or is about to. */
export interface Serving {
  readonly server: Server
  /** Starts to accept; rejects when a socket cannot be used. */
  listen(): Promise<void>
  load(): Load
  /** The newest request in flight of each connection, oldest first; `startedAt` is on the monotonic clock. */
  inFlight(): readonly { readonly response: ServerResponse; readonly startedAt: number }[]
  /** Writes the access lines of the requests in flight: this process is about to be killed. */
  abandon(): void
  /**
   * From now on requests for this path get a 503: balancers are to send their requests elsewhere. All else is
   * served as before.
   */
  unready(path: string): void
  /**
   * Stops accepting, answers what is in flight and the next request of each connection, and fulfils when no
   * connection is left. Fulfils with the requests that had to be cut off, as `GET /path`. A second call may
   * only shorten the time.
   */
  drain(drain: Drain): Promise<readonly string[]>
}

export type WorkerClass = (options: ServeOptions) => Serving
