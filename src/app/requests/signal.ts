// Runs in a worker: `req.signal`, which is aborted when the client no longer waits for the response. An
// accessor of the prototype, as `req.id` is: a request whose signal is not read costs nothing. Newer
// versions of Node.js have a `signal` too, but theirs is also aborted for a successful POST.

import { defineAccessor } from '../../os/define-accessor.ts'

/** The `signal` of each request in a worker. */
export interface RequestSignal {
  /**
   * Aborted when the client disconnects before the response is complete, or when the server ends the request:
   * with a `TimeoutError` after `request_timeout`, otherwise with an `AbortError`. Pass it on to what the
   * request waits for: `fetch(url, { signal: req.signal })`.
   */
  signal: AbortSignal
}

declare module 'node:http' {
  // A base, not a member of its own: see RequestLogging.
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type
  interface IncomingMessage extends RequestSignal {}
}

const reasons = {
  gone: ['AbortError', 'the connection was closed before the response was complete'],
  timeout: ['TimeoutError', 'the request took longer than request_timeout'],
} as const

const controllerKey = Symbol('tsgun.signal')
const endKey = Symbol('tsgun.cut_off')

/** A request of Node. */
export interface Abortable {
  /** Null for the response to an outgoing request of the app. */
  readonly method?: string | null | undefined
  /** Created when `signal` is read. */
  [controllerKey]?: AbortController
  /** Absent while the client waits for the response. */
  [endKey]?: keyof typeof reasons
}

/** Aborts the signal of a request. Later calls have no effect. */
export function abortRequest(request: Abortable, end: keyof typeof reasons): void {
  if (request[endKey] !== undefined) return
  request[endKey] = end
  request[controllerKey]?.abort(reasonOf(end))
}

/**
 * Aborts the signal after `request_timeout`. srvx reads `errored` of the request as the reason to abort the
 * `request.signal` of a `fetch` app; destroying the request with an error would close the connection and lose
 * the response.
 */
export function timeOutRequest(request: Abortable): void {
  const reason = reasonOf('timeout')
  Object.defineProperty(request, 'errored', { value: reason, configurable: true })
  request[endKey] = 'timeout'
  request[controllerKey]?.abort(reason)
}

/** Whether the client no longer waits for the response of the app. */
export function wasAborted(request: Abortable): boolean {
  return request[endKey] !== undefined
}

/** Defines `signal` on a prototype of requests. */
export function defineSignalOn(prototype: object): void {
  const own = Object.getOwnPropertyDescriptor(prototype, 'signal') // of Node
  defineAccessor(prototype, 'signal', (request: Abortable) =>
    typeof request.method === 'string' ? signalOf(request) : own?.get?.call(request),
  )
}

function signalOf(request: Abortable): AbortSignal {
  const known = request[controllerKey]
  if (known) return known.signal
  const controller = new AbortController()
  request[controllerKey] = controller
  const end = request[endKey]
  if (end !== undefined) controller.abort(reasonOf(end))
  return controller.signal
}

function reasonOf(end: keyof typeof reasons): DOMException {
  const [name, message] = reasons[end]
  return new DOMException(message, name)
}
