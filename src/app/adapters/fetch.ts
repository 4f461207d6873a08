// Runs in a worker: the adapter for objects with fetch(request), such as Hono or h3. srvx, which is imported
// only here, streams bodies both ways and aborts `request.signal` when the client disconnects early.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestHandler } from '../model/app.ts'
import type { Failures } from '../requests/failures.ts'
import { followH3, isH3 } from './h3.ts'
import { describe } from '../model/describe.ts'
import { sendWebResponse } from './web-response.ts'
import { followHono, isHono } from './hono.ts'
import { type FetchLike, isWebResponse, type WebHandler } from '../model/shapes.ts'

/** Calls fetch() with a Request and sends the Response that it returns. */
export async function adaptFetch(app: FetchLike, failures: Failures): Promise<{ handle: RequestHandler }> {
  // Not toNodeHandler of srvx, which prints send errors on the console and responds with 500 when no Response
  // is returned.
  const { NodeRequest } = await import('srvx/node')
  const call = followErrors(app, failures)
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const result = await call(new NodeRequest({ req: request, res: response }), request, response)
    if (!isWebResponse(result)) throw new TypeError(`the app returned ${describe(result)}, not a Response`)
    await sendWebResponse(result, request, response, failures)
  }
  return { handle }
}

type Call = (request: Request, incoming: IncomingMessage, outgoing: ServerResponse) => unknown

/** Returns the call of the app, and reports the errors to which its framework responds. */
function followErrors(app: FetchLike, failures: Failures): Call {
  if (isH3(app)) followH3(app, failures)
  if (!isHono(app)) return (request) => app.fetch(request)
  followHono(app, failures)
  // The bindings of Hono's server for Node, which helpers such as getConnInfo read.
  return (request, incoming, outgoing) => app.fetch(request, { incoming, outgoing })
}

/** `(request) => Response`. */
export function adaptWebHandler(
  handler: WebHandler,
  failures: Failures,
): Promise<{ handle: RequestHandler }> {
  return adaptFetch({ fetch: (request) => handler(request) }, failures)
}
