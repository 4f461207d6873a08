// The `log` that users import. Any process. A pino logger that is created when it is first used: config files
// import 'tsgun' in every process, and most of them never log. In a server it writes to the app log; outside
// of a server it is plain pino on standard output.

import type { IncomingMessage } from 'node:http'
import type * as Pino from 'pino'
import { loadPino } from './load-pino.ts'
import { logLink } from './log-link.ts'

/** Returns a logger that forwards each access to `find()`. Its methods may be used without the logger. */
export function createLazyLogger(find: () => Pino.Logger): Pino.Logger {
  const methods = new BoundMethods()
  // each operation on the empty object is forwarded to the logger
  const lazy: Pino.Logger = new Proxy({} as Pino.Logger, {
    get(_, key, receiver) {
      const logger = find()
      // an object that inherits from it stays `this`, as with a logger of pino
      if (receiver !== lazy) return Reflect.get(logger, key, receiver)
      const value: unknown = Reflect.get(logger, key)
      return typeof value === 'function' ? methods.of(logger, value) : value
    },
    set(_, key, value, receiver) {
      const logger = find()
      if (receiver !== lazy) return Reflect.set(logger, key, value, receiver)
      methods.keep(logger, value)
      return Reflect.set(logger, key, value)
    },
    has: (_, key) => Reflect.has(find(), key),
    deleteProperty: (_, key) => Reflect.deleteProperty(find(), key),
    defineProperty(_, key, descriptor) {
      const logger = find()
      methods.keep(logger, descriptor.value)
      return Reflect.defineProperty(logger, key, descriptor)
    },
    ownKeys: () => Reflect.ownKeys(find()),
    getOwnPropertyDescriptor: (_, key) => Reflect.getOwnPropertyDescriptor(find(), key),
    getPrototypeOf: () => Reflect.getPrototypeOf(find()),
  })
  return lazy
}

/** One bound function per method: `log.info` is always the same function, and a record needs no closure. */
class BoundMethods {
  #owner: Pino.Logger | undefined
  #bound = new WeakMap<object, unknown>()

  of(logger: Pino.Logger, method: object): unknown {
    const bound = this.#boundTo(logger)
    const known = bound.get(method)
    if (known !== undefined) return known
    const made: unknown = Reflect.apply(Function.prototype.bind, method, [logger])
    bound.set(method, made)
    return made
  }

  /** Keeps a function that replaces a method, for example a mock of a test, as it is. */
  keep(logger: Pino.Logger, value: unknown): void {
    if (typeof value === 'function') this.#boundTo(logger).set(value, value)
  }

  #boundTo(logger: Pino.Logger): WeakMap<object, unknown> {
    if (logger !== this.#owner) this.#bound = new WeakMap()
    this.#owner = logger
    return this.#bound
  }
}

/** Returns a function that finds the server's logger; without a server, always the same plain pino logger. */
function createFinder(): () => Pino.Logger {
  let plain: Pino.Logger | undefined
  return () => logLink.find()?.logger() ?? (plain ??= loadPino().pino())
}

/**
 * The app's logger, a pino logger: `log.info({ order: 17 }, 'paid')`, `log.child({ module: 'db' })`. Its
 * records go to the app log, in the format `log_format`. Initial level: `loglevel`. Outside of a server it
 * writes pino's JSON to standard output.
 */
export const log: Pino.Logger = createLazyLogger(createFinder())

/**
 * Returns the logger of a request, whose records contain its id: `req.log`, also for the `Request` of a fetch
 * handler (`c.req.raw` in Hono). Returns `log` for a request that the server did not receive.
 */
export function requestLog(request: Request | IncomingMessage): Pino.Logger {
  return nodeRequest(request)?.log ?? log
}

/**
 * Returns the id of a request, `req.id`, also for the `Request` of a fetch handler. Returns undefined for a
 * request that the server did not receive.
 */
export function requestId(request: Request | IncomingMessage): string | undefined {
  const id: unknown = nodeRequest(request)?.id
  return typeof id === 'string' ? id : undefined
}

/** Returns Node's request; the `Request` of a fetch handler has a reference to it. */
function nodeRequest(request: Request | IncomingMessage): Partial<IncomingMessage> | undefined {
  if ('rawHeaders' in request) return request
  return 'runtime' in request ? (request as FetchRequest).runtime?.node?.req : undefined
}

/** As srvx creates it. */
interface FetchRequest extends Request {
  readonly runtime?: { readonly node?: { readonly req?: IncomingMessage } }
}
