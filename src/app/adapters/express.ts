// Express, its routers and Connect, in a worker: the app is called with a last callback, so that what no
// middleware of the user has answered is answered and reported here, as their own finalhandler would, but
// once and in the error log.

import type { RequestHandler } from '../model/app.ts'
import type { Failures } from '../requests/failures.ts'
import { type ExpressLike, read } from '../model/recognise.ts'

/** Calls the app with a last callback, which answers 404 or fails the request. */
export function adaptExpress(app: ExpressLike, failures: Failures): { handle: RequestHandler } {
  // An Express app gives its requests the prototype of HTTP/1's, which makes one of HTTP/2 throw where nobody
  // can catch it.
  const onlyHttp1 = typeof read(app, 'request') === 'object'
  return {
    handle: (request, response) => {
      if (onlyHttp1 && request.httpVersionMajor > 1)
        throw new Error('Express cannot serve HTTP/2: leave "h2" out of http_protocols')
      return app(request, response, (error) => {
        // Express takes a falsy error for none.
        if (error) failures.fail(error, request, response)
        else failures.notFound(request, response)
      })
    },
  }
}
