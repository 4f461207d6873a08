// Runs in a worker: the adapter for Koa, which responds to errors itself and emits 'error'. With our
// listener it does not print them on the console; the listeners of the user still run.

import type { ServerResponse } from 'node:http'
import type { RequestHandler } from '../model/app.ts'
import { answerTo } from '../requests/answer.ts'
import { type Failures, cut } from '../requests/failures.ts'
import { type KoaLike, isRequest, isResponse, read } from '../model/shapes.ts'

/** Returns the callback of the app; its errors go to the error log. */
export function adaptKoa(app: KoaLike, failures: Failures): { handle: RequestHandler } {
  const wasCut = new WeakSet<ServerResponse>()
  app.on('error', (error, context) => {
    const [request, response] = [read(context, 'req'), read(context, 'res')]
    // Over HTTP/2 Koa reports the closed stream as one more error.
    if (isResponse(response) && wasCut.has(response)) return
    const answer = isResponse(response) ? answerTo(error, response) : undefined
    failures.report(error, isRequest(request) ? request : undefined, answer)
    // Koa does not end a response whose headers were sent: the client would wait forever.
    if (!isResponse(response) || !response.headersSent || response.writableEnded) return
    wasCut.add(response)
    cut(response)
  })
  return { handle: app.callback() }
}
