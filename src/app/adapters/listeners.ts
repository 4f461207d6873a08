// Runs in a worker: calls the listeners of a server of the app.

import type { Server } from 'node:net'
import type { RequestEvent, RequestHandler } from '../model/app.ts'
import { adaptExpress } from './express.ts'
import { isExpress } from '../model/shapes.ts'
import { isThenable } from '../../os/type-checks.ts'
import type { Failures } from '../requests/failures.ts'

/**
 * Returns a handler that calls the listeners of an event as the server would. Not by `emit`, which drops the
 * promises of the listeners and their errors. They are read at each request, because libraries such as
 * socket.io replace them.
 */
export function listenersOf(server: Server, event: RequestEvent, failures: Failures): RequestHandler {
  const last: { listener: unknown; handle: RequestHandler } = { listener: undefined, handle: () => undefined }
  return (request, response) => {
    const listeners = server.rawListeners(event)
    if (listeners.length !== 1) return callAll(server, listeners, [request, response])
    const [listener] = listeners
    if (listener !== last.listener)
      Object.assign(last, { listener, handle: handlerOf(server, listener, failures) })
    return last.handle(request, response)
  }
}

/** An Express app that is a listener gets its final callback, so that its errors are in the error log. */
function handlerOf(server: Server, listener: unknown, failures: Failures): RequestHandler {
  if (isExpress(listener)) return adaptExpress(listener, failures).handle
  if (typeof listener !== 'function') return () => undefined
  return (...parameters) => Reflect.apply(listener, server, parameters) as unknown
}

function callAll(
  server: Server,
  listeners: ReturnType<Server['rawListeners']>,
  parameters: readonly unknown[],
): unknown {
  const promises = listeners
    .map((listener): unknown => Reflect.apply(listener, server, parameters))
    .filter(isThenable)
  return promises.length > 0 ? Promise.all(promises) : undefined
}
