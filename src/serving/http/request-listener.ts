// Runs in a worker: every request passes through here, from its head to the end of its response. A request
// pays for no hook, log or limit that the config does not have.

import type { RequestListener, ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { RequestHandler } from '../../app/model/app.ts'
import { abortRequest } from '../../app/requests/signal.ts'
import { wasSent } from '../connections/broken-off.ts'
import { boundRest } from '../connections/rest-of-body.ts'
import type { Connections } from '../connections/table.ts'
import type { WriteAccess } from '../records/access.ts'
import type { RequestHooks } from '../requests/hooks.ts'
import type { RequestScope } from '../requests/request-scope.ts'
import type { RequestTimeouts } from '../requests/timeouts.ts'
import type { Validity } from '../validity/validity.ts'

export interface RequestPath {
  /** Absent when nothing is checked. */
  readonly validity: Validity | undefined
  readonly connections: Connections
  readonly timeouts: RequestTimeouts | undefined
  readonly writeAccess: WriteAccess | undefined
  readonly requestHooks: RequestHooks | undefined
  /** Absent when nothing asks for which request code runs. */
  readonly scope?: RequestScope | undefined
  /** What a worker class of the user does with a request before the app; absent without one. */
  readonly admit?: ((app: RequestHandler) => RequestHandler) | undefined
  /** A response with a status of 5xx was sent. */
  readonly onErrorResponse?: ((response: ServerResponse) => void) | undefined
}

export function createRequestListener(
  app: RequestHandler,
  { connections, timeouts, writeAccess, requestHooks, onErrorResponse, validity, scope, admit }: RequestPath,
): RequestListener {
  const inScope = scope?.wrap(app) ?? app
  const scoped = admit?.(inScope) ?? inScope
  const handle = timeouts?.watch(scoped, (response) => connections.streamOf(response)) ?? scoped
  // One listener for all responses: V8 starts each new closure slowly.
  function onClose(this: ServerResponse): void {
    const now = performance.now()
    if (!wasSent(this)) abortRequest(this.req, 'gone')
    else if (this.statusCode >= 500) onErrorResponse?.(this)
    const stream = connections.finish(this, now)
    if (timeouts && stream) timeouts.finish(stream, this, now)
    writeAccess?.finish(this, now)
    requestHooks?.after(this.req, this)
    if (stream && !this.req.complete) boundRest(this, stream)
    if (stream?.isOver) stream.afterEach?.()
  }
  return (request, response) => {
    const stream = connections.streamOf(response)
    // An app may emit it again, for example after `checkContinue`.
    if (stream?.carries(response)) return void handle(request, response)
    if (stream?.takesNone) return
    const now = performance.now()
    const problem = stream?.connection.forwarding?.admit(request)
    connections.begin(response, now, stream)
    if (timeouts && stream) timeouts.begin(stream, response, now)
    writeAccess?.begin(response, now)
    response.on('close', onClose)
    if (validity?.refuses(request, response, problem)) return stream?.end()
    const pending = requestHooks?.before(request)
    if (pending === undefined) handle(request, response)
    // Never rejects: when pre_request fails, that is logged and the request is served.
    else void pending.then(() => response.destroyed || handle(request, response))
  }
}
