// Runs in a worker: the adapter for Express, its routers and Connect. The app is called with a final
// callback, which responds to what no middleware handles, as their finalhandler would, and reports errors in
// the error log.

import { IncomingMessage } from 'node:http'
import type { RequestHandler } from '../model/app.ts'
import type { Failures } from '../requests/failures.ts'
import { type ExpressLike, read } from '../model/shapes.ts'

/** Calls the app with a final callback, which responds with 404 or fails the request. */
export function adaptExpress(app: ExpressLike, failures: Failures): { handle: RequestHandler } {
  // Express sets the prototype of HTTP/1 on its requests, so that one of a server of node:http2 that the app
  // has created throws where no code can catch it.
  const onlyHttp1 = typeof read(app, 'request') === 'object'
  return {
    handle: (request, response) => {
      if (onlyHttp1 && !(request instanceof IncomingMessage))
        throw new Error('Express does not support requests of node:http2: use http_protocols: ["h2", "h1"]')
      return app(request, response, (error) => {
        // For Express a falsy error is no error.
        if (error) failures.fail(error, request, response)
        else failures.notFound(request, response)
      })
    },
  }
}
