// Runs in a worker: `req.id` and `req.log` on every request that comes in. Accessors of the prototype, so
// that a request pays for nothing that is not asked for, and a framework may give it another prototype
// (Express does). What a library or the app assigns takes their place.

import type { Logger } from 'pino'
import type { Identifiable, RequestIds } from './request-id.ts'

/** What each request has inside a worker. */
export interface RequestLogging {
  /**
   * The client's `X-Request-Id`, or one that is made; what the app assigns stays, and stands in the access
   * line too.
   */
  id: string
  /** The app's logger whose records carry the id as `request_id`. */
  log: Logger
}

declare module 'node:http' {
  // A base, not members of its own: then a library that declares the same names (pino-http) is still taken at
  // its word.
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type
  interface IncomingMessage extends RequestLogging {}
}

/** A request of Node's as the accessors find it. */
export interface LoggedRequest extends Identifiable {
  /** Null for the response to a request that the app has sent. */
  readonly method?: string | null | undefined
  /** Ours, or whatever the app has assigned. */
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

  /** The one id of a request: what the app has assigned, if that is a text. */
  idOf(request: LoggedRequest): string {
    const { id } = request
    return typeof id === 'string' && id !== '' ? id : this.#ids.of(request)
  }

  /** The same for the access log. */
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

  /** Gives all requests of a prototype `id` and `log`. */
  defineOn(prototype: object): void {
    define(prototype, 'id', (request) => this.#ids.of(request))
    define(prototype, 'log', (request) => this.logOf(request))
  }
}

function define(
  prototype: object,
  name: keyof RequestLogging,
  read: (request: LoggedRequest) => unknown,
): void {
  Object.defineProperty(prototype, name, {
    configurable: true,
    enumerable: false,
    get(this: LoggedRequest) {
      return typeof this.method === 'string' ? read(this) : undefined
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true })
    },
  })
}
