// What happens in a worker when the app fails a request: the error is reported once, the client is answered
// or cut off, and the worker lives. Costs a request that does not fail one try block and one look for a
// promise.

import { createRequire } from 'node:module'
import type finalhandler from 'finalhandler'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ReportError, RequestHandler } from '../model/app.ts'
import { hasTimedOut } from './signal.ts'
import { hasMethods, isThenable, read } from '../model/recognise.ts'

export interface Failures {
  /** Reports an error, unless its own status blames the client or it only says that the client has left. */
  readonly report: ReportError
  /**
   * Reports an error that a framework answers by itself, if the answer turns out to be a 5xx or had begun
   * already.
   */
  readonly follow: FailedRequest
  /** Reports an error that nobody has answered, then answers it or closes the connection. */
  readonly fail: FailedRequest
  /** Answers 404. */
  readonly notFound: (request: IncomingMessage, response: ServerResponse) => void
  /** A handler that never throws or rejects: what the given one throws goes to `fail`. */
  readonly guard: (handler: RequestHandler) => RequestHandler
}

type FailedRequest = (error: unknown, request: IncomingMessage, response: ServerResponse) => void

/** What the adapters of one app do with its errors; `reportError` is told each error once. */
export function createFailures(reportError: ReportError): Failures {
  const once = reportOnce(reportError)
  const report: ReportError = (error, request) => {
    const ignored = isClientError(error) || (request !== undefined && isDeparture(error, request))
    if (!ignored) once(error, request)
  }
  const fail: FailedRequest = (error, request, response) => {
    report(error, request)
    answer(error, request, response)
  }
  const follow: FailedRequest = (error, request, response) => {
    // Judged now: later the client will have left in any case.
    if (isDeparture(error, request)) return
    const unfinished = response.headersSent && !response.writableEnded
    const tell = (): void => {
      if (unfinished || response.statusCode >= 500) once(error, request)
    }
    if (response.destroyed) tell()
    else response.once('close', tell)
  }
  const notFound = (request: IncomingMessage, response: ServerResponse): void =>
    finish(undefined, request, response)
  return { report, follow, fail, notFound, guard: (handler) => guard(handler, fail) }
}

function guard(handler: RequestHandler, fail: FailedRequest): RequestHandler {
  return (request, response) => {
    try {
      const result = handler(request, response)
      return isThenable(result)
        ? result.then(undefined, (error: unknown) => fail(error, request, response))
        : undefined
    } catch (error) {
      return fail(error, request, response)
    }
  }
}

/**
 * A framework may tell the same error of a request twice: as that of a stream and as that of the response.
 */
function reportOnce(reportError: ReportError): ReportError {
  const reported = new WeakMap<IncomingMessage, { readonly error: unknown }>()
  return (error, request) => {
    const last = request === undefined ? undefined : reported.get(request)
    if (last !== undefined && last.error === error) return
    if (request !== undefined) reported.set(request, { error })
    reportError(error, request)
  }
}

/** The HTTP status that an error carries, read as finalhandler, Express, Koa and Fastify read it. */
export function statusOf(error: unknown): number | undefined {
  return [read(error, 'status'), read(error, 'statusCode')].find(isErrorStatus)
}

const isErrorStatus = (status: unknown): status is number =>
  typeof status === 'number' && status >= 400 && status < 600

/** Whether the error blames the client, as http-errors with a 4xx status do. */
const isClientError = (error: unknown): boolean => (statusOf(error) ?? 500) < 500

/**
 * Whether an error is only the echo of a client that closed its connection, or of request_timeout: nobody is
 * there to be answered.
 */
function isDeparture(error: unknown, request: IncomingMessage): boolean {
  if (request.socket?.destroyed !== true && !hasTimedOut(request)) return false
  if (error === request.errored || read(error, 'name') === 'AbortError') return true
  const code = read(error, 'code')
  if (code === 'ERR_STREAM_PREMATURE_CLOSE') return true
  // Only the connection's own reset: one of a database that the app talks to has the same code.
  return (code === 'ECONNRESET' || code === 'EPIPE') && error === request.socket.errored
}

function answer(error: unknown, request: IncomingMessage, response: ServerResponse): void {
  // The response is complete and may still be on its way: cutting the connection would take it back.
  if (response.writableEnded) return
  if (response.headersSent) return cut(response)
  // finalhandler takes a falsy error for "nobody answered" and says 404.
  finish(error || new Error(`the app threw ${String(error)}`), request, response)
}

/** Ends a response whose head is out so that the client sees that it is not whole. */
export function cut(response: ServerResponse): void {
  const stream = read(response, 'stream')
  // HTTP/2: destroy() would close the stream with NO_ERROR, as if it were whole. RFC 9113, section 7:
  // INTERNAL_ERROR.
  if (hasMethods(stream, 'close')) stream.close(0x2)
  else response.destroy()
}

function finish(error: unknown, request: IncomingMessage, response: ServerResponse): void {
  const env = process.env['NODE_ENV'] === 'development' ? 'development' : 'production'
  loadFinalhandler()(request, response, { env })(error)
}

// Loaded at the first failure, and without waiting: most workers never need it.
const require = createRequire(import.meta.url)
const loadFinalhandler = (): typeof finalhandler => require('finalhandler')
