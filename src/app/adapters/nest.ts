// Runs in a worker: the adapter for Nest, which is initialised without listening and served as the Express or
// Fastify app of its HTTP adapter. Nest responds to all errors in its exceptions handler, which is wrapped to
// report them.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Adapted } from '../model/adapted.ts'
import { AppError } from '../../config/app/errors.ts'
import { type Failures, cut } from '../requests/failures.ts'
import { adaptFastify } from './fastify.ts'
import {
  type NestLike,
  hasMethods,
  isExpress,
  isFastify,
  isRequest,
  isResponse,
  read,
} from '../model/shapes.ts'
import { listenersOf } from './listeners.ts'

/** Initialises the app, unless the user has, and resolves to its server. */
export async function adaptNest(app: NestLike, failures: Failures): Promise<Adapted> {
  followExceptions(app, failures)
  await app.init()
  const instance = app.getHttpAdapter().getInstance()
  if (isFastify(instance)) await adaptFastify(instance, failures)
  else if (!isExpress(instance))
    throw new AppError('the HTTP adapter of the Nest app is neither Express nor Fastify')
  const server = app.getHttpServer()
  return {
    handle: listenersOf(server, 'request', failures),
    server,
    listen: ({ port, host, path }) => (path === undefined ? app.listen(port, host) : app.listen(path)),
    close: () => app.close('SIGTERM'),
  }
}

interface ExceptionsHandler {
  readonly applicationRef?: unknown
  /**
   * Runs the first filter of the user that matches the exception. Returns false without one, and then Nest
   * responds.
   */
  invokeCustomFilters(exception: unknown, host: unknown): unknown
}

/**
 * Passes each exception of this app to `failures` before the filters run. Patches the prototype, because Nest
 * creates a handler per route and per middleware, and has no public API for exceptions that a filter handles.
 */
function followExceptions(app: NestLike, failures: Failures): void {
  const prototype = handlerPrototype(app)
  if (prototype === undefined) return
  const adapter = app.getHttpAdapter()
  const { invokeCustomFilters } = prototype
  prototype.invokeCustomFilters = function (
    this: ExceptionsHandler,
    exception: unknown,
    host: unknown,
  ): unknown {
    const raw = this.applicationRef === adapter ? rawPair(host) : undefined
    if (raw !== undefined) failures.follow(exception, raw.request, raw.response)
    const handled = Reflect.apply(invokeCustomFilters, this, [exception, host])
    if (handled !== false || raw?.response.headersSent !== true || raw.response.writableEnded) return handled
    // Nest would end the response as if it were complete; the client must detect that it is not.
    cut(raw.response)
    return true
  }
}

/** The prototype of the exceptions handlers of this app's Nest, read from a handler created for this. */
function handlerPrototype(app: NestLike): ExceptionsHandler | undefined {
  const filters = read(read(app, 'routesResolver'), 'routerExceptionsFilter')
  if (!hasMethods(filters, 'create')) return undefined
  const handler = filters.create({}, () => undefined, undefined)
  const prototype: unknown = Object.getPrototypeOf(handler)
  return hasMethods(prototype, 'invokeCustomFilters') ? prototype : undefined
}

/** Node's request and response: Express passes them on, Fastify wraps them, other contexts have none. */
function rawPair(host: unknown): { request: IncomingMessage; response: ServerResponse } | undefined {
  if (!hasMethods(host, 'getArgByIndex')) return undefined
  const [first, second] = [host.getArgByIndex(0), host.getArgByIndex(1)]
  const [request, response] = [read(first, 'raw') ?? first, read(second, 'raw') ?? second]
  return isRequest(request) && isResponse(response) ? { request, response } : undefined
}
