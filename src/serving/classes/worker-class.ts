// What a worker class is: the way in which a worker takes connections and serves the app. The worker process
// does the rest, so a class knows nothing of signals, messages and the order of hooks.

import type { Server } from 'node:http'
import type { AppServer } from '../../app/model/app.ts'
import type { ListenTarget } from '../accept/gate.ts'
import type { Turns } from '../accept/turns.ts'
import type { Extension } from './extension.ts'
import type { Exchange } from '../connections/stream.ts'
import type { HttpOptions } from '../http/options.ts'
import type { Load, Occupancy } from '../http/service.ts'

export interface ServeOptions extends HttpOptions {
  readonly listeners: readonly ListenTarget[]
  readonly backlog: number
  /** How this worker knows what its siblings have to do; undefined where it cannot. */
  readonly turns?: ((load: () => number) => Turns) | undefined
  /** The most connections that are open at a time. */
  readonly connectionLimit: number
  /** What a class of the user adds; absent without one. */
  readonly extension?: Extension | undefined
  /** Called once if the connection limit cannot be kept on this platform. */
  readonly onNoGate: (reason: string) => void
  /** It has had as many connections as it may for some time, and accepts none. Called once a minute. */
  readonly onFull: (occupancy: Occupancy) => void
  /** The worker accepts no connection until there are descriptors or memory again. Called once a minute. */
  readonly onShortage: (reason: string) => void
}

/** How a worker ends its service. */
export interface Drain {
  /** Milliseconds after which the rest is closed. */
  readonly within: number
  /**
   * True when no process accepts after this worker, so that it has to serve what waits in the queues of the
   * sockets; or only in the queues of these sockets, by their places.
   */
  readonly last: boolean | readonly number[]
  /**
   * Closes idle connections at once, without a last response on them: a client that is just sending on one
   * has to try again.
   */
  readonly hurry?: boolean
  /** Called when the worker accepts no more connections. */
  readonly onShut: () => void
}

/** A call of a task that runs. */
export interface RunningTask {
  /** The name of the task. */
  readonly name: string
  /** Of the request that has called it, or its own. */
  readonly id: string
  /** Milliseconds on the clock of `machineNow`. */
  readonly startedAt: number
}

/** A worker that serves, or is about to. */
export interface Serving {
  /** The server of the app that speaks HTTP, or the one that was created for it; null when it has none. */
  readonly server: Server | null
  /** Serves by one more server of the app, which has begun to listen. */
  add(server: AppServer): void
  /** Starts to accept; rejects when a socket cannot be used. */
  listen(): Promise<void>
  load(): Load
  /** Checks again whether it accepts: what its extension says has changed. */
  settle?(): void
  /** The requests in flight, oldest first. */
  inFlight(): readonly Exchange[]
  /** In a process of tasks: those that run, oldest first. */
  tasks?(): readonly RunningTask[]
  /** The requests in flight whose handlers ran in one of these async contexts of Node. */
  startedIn(asyncIds: readonly number[]): readonly Exchange[]
  /** Writes the access lines of the requests in flight: this process is about to end. */
  logInFlight(): void
  /**
   * From now on requests for this path get a 503, so that load balancers send theirs elsewhere. All others
   * are served as before.
   */
  unready(path: string): void
  /**
   * The server responds to requests for these paths itself, with these texts, and to no others any more. They
   * have an access line; neither app nor hooks get them.
   */
  respond(texts: ReadonlyMap<string, string>): void
  /**
   * Stops accepting, serves the requests in flight and the next request of each connection, and resolves when
   * no connection is left, with the requests that had to be cut off, for example `GET /path`. A second call
   * may only shorten the time.
   */
  drain(drain: Drain): Promise<readonly string[]>
}

export type WorkerClass = (options: ServeOptions) => Serving
