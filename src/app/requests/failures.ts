// Runs in a worker: handles the errors of the app. An error is reported once, the client gets a response or
// its connection is closed, and the worker keeps running. A request without an error costs one try block and
// one check for a promise.

import { createRequire } from 'node:module'
import type finalhandler from 'finalhandler'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ReportError, RequestHandler } from '../model/app.ts'
import { answerTo, statusOf } from './answer.ts'
import { wasAborted } from './signal.ts'
import { hasMethods, read } from '../model/shapes.ts'
import { isThenable } from '../../os/type-checks.ts'

export interface Failures {
  /** Reports an error, unless its status is a 4xx or it only says that the client has disconnected. */
  readonly report: ReportError
  /** Reports an error to which a framework responds, if the response is a 5xx or was incomplete by then. */
  readonly follow: FailedRequest
  /** Reports an error without a response yet, then sends a response or closes the connection. */
  readonly fail: FailedRequest
  /** Responds with 404. */
  readonly notFound: (request: IncomingMessage, response: ServerResponse) => void
  /** Returns a handler that never throws or rejects: errors go to `fail`. */
  readonly guard: (handler: RequestHandler) => RequestHandler
}

type FailedRequest = (error: unknown, request: IncomingMessage, response: ServerResponse) => void

/** Creates the error handling for the adapters of an app. `reportError` is called once for each error. */
export function createFailures(reportError: ReportError): Failures {
  const once = reportOnce(reportError)
  const report: ReportError = (error, request, answer) => {
    const ignored = isClientError(error) || (request !== undefined && isDisconnect(error, request))
    if (!ignored) once(error, request, answer)
  }
  const fail: FailedRequest = (error, request, response) => {
    report(error, request, answerTo(error, response))
    respond(error, request, response)
  }
  const follow: FailedRequest = (error, request, response) => {
    // Checked now: later the client has disconnected in any case.
    if (isDisconnect(error, request)) return
    const unfinished = response.headersSent && !response.writableEnded
    const reportFailure = (): void => {
      const status = response.statusCode
      if (unfinished || status >= 500) once(error, request, { status, isCut: unfinished })
    }
    if (response.destroyed) reportFailure()
    else response.once('close', reportFailure)
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

/** A framework may report an error of a request twice: once for a stream and once for the response. */
function reportOnce(reportError: ReportError): ReportError {
  const reported = new WeakMap<IncomingMessage, { readonly error: unknown }>()
  return (error, request, answer) => {
    const last = request === undefined ? undefined : reported.get(request)
    if (last !== undefined && last.error === error) return
    if (request !== undefined) reported.set(request, { error })
    reportError(error, request, answer)
  }
}

/** Whether the error has a 4xx status, as those of http-errors for mistakes of the client. */
const isClientError = (error: unknown): boolean => (statusOf(error) ?? 500) < 500

/** Whether an error only follows from a disconnected client, or from a request that the server has ended. */
function isDisconnect(error: unknown, request: IncomingMessage): boolean {
  if (request.socket?.destroyed !== true && !wasAborted(request)) return false
  if (error === request.errored || read(error, 'name') === 'AbortError') return true
  const code = read(error, 'code')
  if (code === 'ERR_STREAM_PREMATURE_CLOSE') return true
  // Only for this connection: a reset of a database connection has the same code.
  return (code === 'ECONNRESET' || code === 'EPIPE') && error === request.socket.errored
}

function respond(error: unknown, request: IncomingMessage, response: ServerResponse): void {
  // The response is complete but may still be in flight: closing the connection would lose it.
  if (response.writableEnded) return
  if (response.headersSent) return cut(response)
  // finalhandler responds with 404 for a falsy error.
  finish(error || new Error(`the app threw ${String(error)}`), request, response)
}

/** Ends a response whose headers were sent, so that the client detects that it is incomplete. */
export function cut(response: ServerResponse): void {
  const stream = read(response, 'stream')
  // HTTP/2: destroy() would close the stream with NO_ERROR, as if it were complete. RFC 9113, section 7:
  // 0x2 is INTERNAL_ERROR.
  if (hasMethods(stream, 'close')) stream.close(0x2)
  else response.destroy()
}

function finish(error: unknown, request: IncomingMessage, response: ServerResponse): void {
  const env = process.env['NODE_ENV'] === 'development' ? 'development' : 'production'
  loadFinalhandler()(request, response, { env })(error)
}

// Loaded synchronously at the first failure: most workers never need it.
const require = createRequire(import.meta.url)
const loadFinalhandler = (): typeof finalhandler => require('finalhandler')
