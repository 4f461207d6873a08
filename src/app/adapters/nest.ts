// Nest, in a worker: initialised without listening, then served as the Express or Fastify app that its
// adapter holds. Nest turns every error into an answer in its exceptions handler, so that is where the error
// log must look.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestHandler, UpgradeHandler } from '../model/app.ts'
import { AppError } from '../../config/app/errors.ts'
import { adaptExpress } from './express.ts'
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
} from '../model/recognise.ts'
import { upgradesOf } from '../requests/upgrades.ts'

interface AdaptedNest {
  readonly handle: RequestHandler
  readonly upgrade: UpgradeHandler | undefined
  readonly close: () => unknown
}

/** Hands over the handler below the app; initialises the app first, which does nothing when the user has. */
export async function adaptNest(app: NestLike, failures: Failures): Promise<AdaptedNest> {
  const adapter = app.getHttpAdapter()
  followExceptions(app, failures)
  await app.init()
  const handle = await handlerOf(adapter.getInstance(), failures)
  return { handle, upgrade: upgradesOf(app.getHttpServer()), close: () => app.close() }
}

async function handlerOf(instance: unknown, failures: Failures): Promise<RequestHandler> {
  if (isExpress(instance)) return adaptExpress(instance, failures).handle
  if (isFastify(instance)) return (await adaptFastify(instance, failures)).handle
  throw new AppError("the Nest app's HTTP adapter is neither Express's nor Fastify's")
}

interface ExceptionsHandler {
  readonly applicationRef?: unknown
  /**
   * Runs the first filter of the user's that wants the exception; false when there is none, and then Nest
   * answers.
   */
  invokeCustomFilters(exception: unknown, host: unknown): unknown
}

/**
 * Lets every exception of this app pass by `failures` on its way to the filters. On the prototype, because
 * Nest makes a handler per route and per middleware. Nest has no public place that sees an exception which a
 * filter then answers.
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
    // Nest would end the response as if it were whole; the client must see that it is not.
    cut(raw.response)
    return true
  }
}

/** What all exceptions handlers of this app's Nest share, found through one that is made for nothing. */
function handlerPrototype(app: NestLike): ExceptionsHandler | undefined {
  const filters = read(read(app, 'routesResolver'), 'routerExceptionsFilter')
  if (!hasMethods(filters, 'create')) return undefined
  const handler = filters.create({}, () => undefined, undefined)
  const prototype: unknown = Object.getPrototypeOf(handler)
  return hasMethods(prototype, 'invokeCustomFilters') ? prototype : undefined
}

/**
 * Node's own request and response: Express passes them on, Fastify wraps them; other kinds of context have
 * none.
 */
function rawPair(host: unknown): { request: IncomingMessage; response: ServerResponse } | undefined {
  if (!hasMethods(host, 'getArgByIndex')) return undefined
  const [first, second] = [host.getArgByIndex(0), host.getArgByIndex(1)]
  const [request, response] = [read(first, 'raw') ?? first, read(second, 'raw') ?? second]
  return isRequest(request) && isResponse(response) ? { request, response } : undefined
}
