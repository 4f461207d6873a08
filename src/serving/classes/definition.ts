// What the module of a worker class exports, in types. The code of the class runs in each worker.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import type { BaseName } from '../../config/app/worker-class-setting.ts'
import type { Settings } from '../../config/settings/checked.ts'

/** What a worker has to do. */
export interface WorkerLoad {
  /** Open connections, also those that the class has taken. */
  readonly connections: number
  /** Requests in flight: from their head to the end of the response, also while `request` holds them. */
  readonly busy: number
  /** Requests that have ended since the worker started. */
  readonly requests: number
  /** Requests that took longer than `request_timeout` and that the app has not ended yet: not in `busy`. */
  readonly overdue: number
}

/** What `create` gets: the worker that the class is for. */
export interface WorkerClassContext {
  /** Number of the worker, from 0; its replacement has the same number. */
  readonly nr: number
  /** Generation of the worker: 1 from the start, one more with each reload. */
  readonly generation: number
  /** The addresses of `bind`, as URLs. */
  readonly addresses: readonly string[]
  /** All settings, checked. */
  readonly settings: Settings
  /** The app's logger. */
  readonly log: Logger
  /** What the worker has to do at this moment; all 0 until it accepts. */
  load(): WorkerLoad
  /** Has `mayAccept` called again. Not needed after a connection or a request has begun or ended. */
  reconsider(): void
}

/** How a worker ends its service. */
export interface WorkerDrain {
  /** Milliseconds after which everything is closed. */
  readonly within: number
  /** Aborted when that time is over. A harder end, such as SIGINT, may shorten it. */
  readonly signal: AbortSignal
}

/** What a class adds to the one that it is based on. Every member may be left out, and costs nothing then. */
export interface WorkerService {
  /**
   * Whether the worker may accept one more connection. While it returns false, other workers take the new
   * connections, or they wait in the backlog. Called after each connection or request that begins or ends,
   * and by `reconsider`; not while the worker drains. When it throws, the error is logged, and the worker
   * accepts from then on.
   */
  mayAccept?(): boolean
  /**
   * Called with each connection that was accepted, and the address of `bind` that it is for, before anything
   * is read from it. Returns true to keep it: it carries no HTTP then. It counts as a connection, is closed
   * at the end of the drain at the latest, and an error of the socket closes only this connection. When it
   * throws, the connection is closed and the error is logged.
   */
  connection?(socket: Socket, address: string): boolean | void
  /**
   * Called with each request that the app would get, after `pre_request`. Call `next()` to pass it to the
   * app, now or later, or respond to it. `next` works once; it does nothing when the response has ended or
   * the client has left. It returns what the app returns, a promise that never rejects, or undefined. When
   * `request` throws or rejects, that is an error of the app: it is logged, and the client gets a 500.
   */
  request?(request: IncomingMessage, response: ServerResponse, next: () => unknown): unknown
  /** Awaited after `startup()` and the health check, before the worker accepts; within `boot_timeout`. */
  listen?(): void | Promise<void>
  /**
   * Called once, when the worker begins to drain. The worker ends when what this returns has resolved and no
   * connection is left, or when the time is over.
   */
  drain?(drain: WorkerDrain): void | Promise<void>
}

/** A worker class. */
export interface WorkerClassDefinition {
  /** The class that it is based on. Default: `"async"` */
  readonly base?: BaseName
  /**
   * Called once in each worker, when its app is loaded, and by `--check-config`. Open nothing here: that is
   * for `listen`. Within `boot_timeout`; an error ends the boot, with exit code 3.
   */
  create(context: WorkerClassContext): WorkerService | Promise<WorkerService>
}

/**
 * Types a worker class, the default export of the module that the setting `worker_class` names:
 *
 * ```ts
 * export default defineWorkerClass({
 *   create: ({ load }) => ({
 *     request(req, res, next) {
 *       if (load().busy <= 8) return next()
 *       res.writeHead(503, { 'retry-after': '1' }).end('busy\n')
 *     },
 *   }),
 * })
 * ```
 *
 * Runs in each worker. Returns its argument.
 */
export function defineWorkerClass(definition: WorkerClassDefinition): WorkerClassDefinition {
  return definition
}
