// In every process: the `log` that users import. A pino logger that is made with its first use: 'tsgun' is
// imported by config files in each process, most of which never log. In a server it is the server's (the app
// log); outside of one, plain pino on standard output.

import type { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import type * as Pino from 'pino'
import { findLink } from './log-link.ts'

/** A logger that is `find()` at each moment, with methods that may be taken off it. */
export function createLazyLogger(find: () => Pino.Logger): Pino.Logger {
  const methods = new BoundMethods()
  // Whatever is asked of the empty object is answered by the logger.
  const lazy: Pino.Logger = new Proxy({} as Pino.Logger, {
    get(_, key, receiver) {
      const logger = find()
      // An object that inherits from it keeps itself as `this`, as it would with pino's own.
      if (receiver !== lazy) return Reflect.get(logger, key, receiver)
      const value: unknown = Reflect.get(logger, key)
      return typeof value === 'function' ? methods.of(logger, value) : value
    },
    set(_, key, value, receiver) {
      const logger = find()
      if (receiver !== lazy) return Reflect.set(logger, key, value, receiver)
      methods.leave(logger, value)
      return Reflect.set(logger, key, value)
    },
    has: (_, key) => Reflect.has(find(), key),
    deleteProperty: (_, key) => Reflect.deleteProperty(find(), key),
    defineProperty(_, key, descriptor) {
      const logger = find()
      methods.leave(logger, descriptor.value)
      return Reflect.defineProperty(logger, key, descriptor)
    },
    ownKeys: () => Reflect.ownKeys(find()),
    getOwnPropertyDescriptor: (_, key) => Reflect.getOwnPropertyDescriptor(find(), key),
    getPrototypeOf: () => Reflect.getPrototypeOf(find()),
  })
  return lazy
}

/** One bound function for each method: `log.info` is the same at each look, and a record costs no closure. */
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

  /** What somebody puts in the place of a method, a test's mock above all, is found there as it was put. */
  leave(logger: Pino.Logger, value: unknown): void {
    if (typeof value === 'function') this.#boundTo(logger).set(value, value)
  }

  #boundTo(logger: Pino.Logger): WeakMap<object, unknown> {
    if (logger !== this.#owner) this.#bound = new WeakMap()
    this.#owner = logger
    return this.#bound
  }
}

/** Finds the server's logger; without a server a plain one of pino's, the same each time. */
function createFinder(): () => Pino.Logger {
  let plain: Pino.Logger | undefined
  return () => findLink()?.logger() ?? (plain ??= loadPino().pino())
}

function loadPino(): typeof Pino {
  return createRequire(import.meta.url)('pino') as typeof Pino // what the package exports
}

/**
 * The app's logger, pino's in everything: `log.info({ order: 17 }, 'paid')`, `log.child({ module: 'db' })`.
 * Its records go to the app log, in the form of `log_format`, with `loglevel` as the level to begin with.
 * Outside of a server it writes pino's JSON to standard output.
 */
export const log: Pino.Logger = createLazyLogger(createFinder())

/**
 * The logger of a request, whose records carry its id: `req.log`, also for the `Request` that a fetch handler
 * gets (`c.req.raw` in Hono). For what is no request of the server's it is `log`.
 */
export function requestLog(request: Request | IncomingMessage): Pino.Logger {
  return nodeRequest(request)?.log ?? log
}

/**
 * The id of a request, `req.id`, also of the `Request` that a fetch handler gets. Undefined for what is no
 * request of the server's.
 */
export function requestId(request: Request | IncomingMessage): string | undefined {
  const id: unknown = nodeRequest(request)?.id
  return typeof id === 'string' ? id : undefined
}

/** What a fetch handler gets is made of Node's own request, and says of which. */
function nodeRequest(request: Request | IncomingMessage): Partial<IncomingMessage> | undefined {
  if ('rawHeaders' in request) return request
  const node = 'runtime' in request ? (request as FetchRequest).runtime?.node?.req : undefined
  return node
}

/** As srvx makes it. */
interface FetchRequest extends Request {
  readonly runtime?: { readonly node?: { readonly req?: IncomingMessage } }
}
