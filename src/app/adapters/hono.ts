// Hono's errors, in a worker: an app that keeps Hono's own error handler gets one that also tells the error
// log. A handler of the user is left alone: what it answers is the user's matter.

import type { Failures } from '../requests/failures.ts'
import { type FetchLike, hasMethods, isClass, isRequest, isResponse, read } from '../model/recognise.ts'

type ErrorHandler = (error: unknown, context: unknown) => unknown

interface HonoLike extends FetchLike {
  readonly errorHandler: ErrorHandler
  onError(handler: ErrorHandler): unknown
}

/** Whether it is an app of Hono. */
export const isHono = (app: FetchLike): app is HonoLike =>
  hasMethods(app, 'errorHandler', 'onError', 'notFound', 'route') && Array.isArray(read(app, 'routes'))

/** Gives an app that keeps Hono's error handler one that tells the error log first. */
export function followHono(app: HonoLike, failures: Failures): void {
  const original = app.errorHandler
  if (original !== defaultHandler(app)) return
  app.onError((error, context) => {
    const { incoming, outgoing } = bindings(context)
    // Without them the app is mounted in another one, and only the error itself is known.
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
    // A class of the user's that cannot be made without arguments: its handler is taken for one of the
    // user's.
    return undefined
  }
}

function bindings(context: unknown): { incoming: unknown; outgoing: unknown } {
  const env = read(context, 'env')
  return { incoming: read(env, 'incoming'), outgoing: read(env, 'outgoing') }
}
