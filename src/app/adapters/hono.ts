// Runs in a worker: reports the errors of Hono. An app with Hono's default error handler gets one that also
// writes to the error log; an error handler of the user is not changed.

import type { Failures } from '../requests/failures.ts'
import { type FetchLike, hasMethods, isClass, isRequest, isResponse, read } from '../model/shapes.ts'

type ErrorHandler = (error: unknown, context: unknown) => unknown

interface HonoLike extends FetchLike {
  readonly errorHandler: ErrorHandler
  onError(handler: ErrorHandler): unknown
}

/** Whether it is a Hono app. */
export const isHono = (app: FetchLike): app is HonoLike =>
  hasMethods(app, 'errorHandler', 'onError', 'notFound', 'route') && Array.isArray(read(app, 'routes'))

/** Replaces Hono's default error handler by one that reports the error first. */
export function followHono(app: HonoLike, failures: Failures): void {
  const original = app.errorHandler
  if (original !== defaultHandler(app)) return
  app.onError((error, context) => {
    const { incoming, outgoing } = bindings(context)
    // Without bindings the app is mounted in another app, and only the error is known.
    if (isRequest(incoming) && isResponse(outgoing)) failures.follow(error, incoming, outgoing)
    else failures.report(error)
    return original(error, context)
  })
}

/** Hono does not export its error handler, but every new instance has it. */
function defaultHandler(app: HonoLike): unknown {
  try {
    return isClass(app.constructor) ? read(Reflect.construct(app.constructor, []), 'errorHandler') : undefined
  } catch {
    // A subclass of the user whose constructor needs arguments: its handler counts as the user's.
    return undefined
  }
}

function bindings(context: unknown): { incoming: unknown; outgoing: unknown } {
  const env = read(context, 'env')
  return { incoming: read(env, 'incoming'), outgoing: read(env, 'outgoing') }
}
