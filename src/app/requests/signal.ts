// Runs in a worker: `req.signal`, which fires when the client no longer waits for the response. An accessor
// of the prototype, as `req.id` is: a request whose signal is not used pays nothing. Newer versions of
// Node.js have one too, but theirs also fires for a POST that is complete.

/** What each request has inside a worker. */
export interface RequestSignal {
  /**
   * Fires when the client leaves before its response is complete, and when the server cuts the request off: a
   * `TimeoutError` after `request_timeout`, otherwise an `AbortError`. Give it to what the request waits for:
   * `fetch(url, { signal: req.signal })`.
   */
  signal: AbortSignal
}

declare module 'node:http' {
  // A base, not a member of its own: see RequestLogging.
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type
  interface IncomingMessage extends RequestSignal {}
}

const reasons = {
  closed: ['AbortError', 'the connection ended before the response was complete'],
  timeout: ['TimeoutError', 'the request took longer than request_timeout'],
} as const

const controllerKey = Symbol('tsgun.signal')
const endKey = Symbol('tsgun.cut_off')

/** A request of Node's as the accessor finds it. */
export interface Abortable {
  /** Null for the response to a request that the app has sent. */
  readonly method?: string | null | undefined
  /** Made when the signal is first read. */
  [controllerKey]?: AbortController
  /** Absent while the client waits. */
  [endKey]?: keyof typeof reasons
}

/** The client no longer waits for the response. The first reason stays. */
export function abortRequest(request: Abortable, end: keyof typeof reasons): void {
  if (request[endKey] !== undefined) return
  request[endKey] = end
  request[controllerKey]?.abort(reasonOf(end))
}

/**
 * The same after `request_timeout`. srvx reads the error of the request and aborts the `request.signal` of a
 * `fetch` app with it; to destroy the request with an error would destroy the connection too, and with it the
 * response.
 */
export function timeOutRequest(request: Abortable): void {
  const reason = reasonOf('timeout')
  Object.defineProperty(request, 'errored', { value: reason, configurable: true })
  request[endKey] = 'timeout'
  request[controllerKey]?.abort(reason)
}

export function hasTimedOut(request: Abortable): boolean {
  return request[endKey] === 'timeout'
}

/** Gives all requests of a prototype a `signal`. */
export function defineSignalOn(prototype: object): void {
  const own = Object.getOwnPropertyDescriptor(prototype, 'signal') // Node's
  Object.defineProperty(prototype, 'signal', {
    configurable: true,
    enumerable: false,
    get(this: Abortable): unknown {
      return typeof this.method === 'string' ? signalOf(this) : own?.get?.call(this)
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, 'signal', { value, writable: true, enumerable: true, configurable: true })
    },
  })
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
