// Koa, in a worker. Koa answers its errors by itself and tells them with an 'error' event; with a listener of
// ours it does not print them on the console any more, and the listeners of the user still run.

import type { ServerResponse } from 'node:http'
import type { RequestHandler } from '../model/app.ts'
import { type Failures, cut } from '../requests/failures.ts'
import { type KoaLike, isRequest, isResponse, read } from '../model/recognise.ts'

/** Hands over the app's callback; its errors go to the error log. */
export function adaptKoa(app: KoaLike, failures: Failures): { handle: RequestHandler } {
  const wasCut = new WeakSet<ServerResponse>()
  app.on('error', (error, context) => {
    const [request, response] = [read(context, 'req'), read(context, 'res')]
    // Over HTTP/2 Koa tells of the cut itself as one more error.
    if (isResponse(response) && wasCut.has(response)) return
    failures.report(error, isRequest(request) ? request : undefined)
    // Koa leaves a response whose head is out as it is: without this the client would wait for its end for
    // ever.
    if (!isResponse(response) || !response.headersSent || response.writableEnded) return
    wasCut.add(response)
    cut(response)
  })
  return { handle: app.callback() }
}
