// `req.id` and `req.log` of every incoming request. Runs in a worker. They are accessors of the prototype, so
// that they cost nothing until they are used, and work when a framework changes the prototype of a request
// (Express does). A value that a library or the app assigns replaces them.

import type { Logger } from 'pino'
import { defineAccessor } from '../../os/define-accessor.ts'
import type { Identifiable, RequestIds } from './request-id.ts'

/** Properties of each request inside a worker. */
export interface RequestLogging {
  /**
   * The client's `X-Request-Id` if it is valid, otherwise a generated id. The app may assign another one,
   * which is then used in the access log too.
   */
  id: string
  /** The app's logger; its records contain the id as `request_id`. */
  log: Logger
}

declare module 'node:http' {
  // A base interface instead of members: a library that declares the same names (pino-http) overrides it.
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type
  interface IncomingMessage extends RequestLogging {}
}

/** The properties of Node's request that the accessors use. */
export interface LoggedRequest extends Identifiable {
  /** Null for the response to a request sent by the app. */
  readonly method?: string | null | undefined
  /** The server's id, or the value that the app has assigned. */
  readonly id?: unknown
  [loggerKey]?: { readonly id: string; readonly log: Logger }
}

const loggerKey = Symbol('tsgun.request_log')

export class RequestLogs {
  readonly #ids: RequestIds
  readonly #appLog: () => Logger

  constructor(ids: RequestIds, appLog: () => Logger) {
    this.#ids = ids
    this.#appLog = appLog
  }

  /** Returns the id of a request: the string that the app has assigned, otherwise the server's id. */
  idOf(request: LoggedRequest): string {
    const { id } = request
    return typeof id === 'string' && id !== '' ? id : this.#ids.of(request)
  }

  /** Returns the id for the access log, without characters that need an escape. */
  plainIdOf(request: LoggedRequest): string {
    return this.#ids.plain(request, this.idOf(request))
  }

  logOf(request: LoggedRequest): Logger {
    const id = this.idOf(request)
    const known = request[loggerKey]
    if (known?.id === id) return known.log
    const log = this.#appLog().child({ request_id: id })
    request[loggerKey] = { id, log }
    return log
  }

  /** Defines `id` and `log` for all requests of a prototype. */
  defineOn(prototype: object): void {
    defineAccessor<LoggedRequest>(prototype, 'id', (request) =>
      isIncoming(request) ? this.#ids.of(request) : undefined,
    )
    defineAccessor<LoggedRequest>(prototype, 'log', (request) =>
      isIncoming(request) ? this.logOf(request) : undefined,
    )
  }
}

function isIncoming({ method }: LoggedRequest): boolean {
  return typeof method === 'string'
}
