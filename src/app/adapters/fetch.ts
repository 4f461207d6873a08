// An object with fetch(request), in a worker: Hono, h3 or a plain one, on srvx, which is imported only here.
// srvx streams bodies both ways, and aborts `request.signal` when the client leaves before the end of the
// response.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestHandler } from '../model/app.ts'
import type { Failures } from '../requests/failures.ts'
import { followH3, isH3 } from './h3.ts'
import { followHono, isHono } from './hono.ts'
import { type FetchLike, read } from '../model/recognise.ts'

/** Calls fetch() with a Request made of Node's, and sends the Response that it answers. */
export async function adaptFetch(app: FetchLike, failures: Failures): Promise<{ handle: RequestHandler }> {
  // The two parts of srvx's toNodeHandler, which itself prints errors of sending on the console and takes no
  // answer for a 500.
  const { NodeRequest, sendNodeResponse } = await import('srvx/node')
  const call = followErrors(app, failures)
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const answer = await call(new NodeRequest({ req: request, res: response }), request, response)
    if (!isWebResponse(answer))
      throw new TypeError(`fetch() of the app answered ${String(answer)}, not a Response`)
    await sendNodeResponse(response, answer)
    // A body that fails after the head: srvx has cut the connection, and the error is on the response, or on
    // HTTP/2's stream.
    const error = response.errored ?? read(read(response, 'stream'), 'errored')
    if (error) failures.report(error, request)
  }
  return { handle }
}

type Call = (request: Request, incoming: IncomingMessage, outgoing: ServerResponse) => unknown

/** How the app is called, after its framework has been asked to tell the errors that it answers by itself. */
function followErrors(app: FetchLike, failures: Failures): Call {
  if (isH3(app)) followH3(app, failures)
  if (!isHono(app)) return (request) => app.fetch(request)
  followHono(app, failures)
  // The bindings that Hono's own server for Node gives, which its helpers (getConnInfo) and its users look
  // for.
  return (request, incoming, outgoing) => app.fetch(request, { incoming, outgoing })
}

const isWebResponse = (answer: unknown): answer is Response =>
  typeof answer === 'object' &&
  typeof read(answer, 'status') === 'number' &&
  typeof read(answer, 'headers') === 'object'
