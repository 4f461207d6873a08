// Express, its routers and Connect, in a worker: the app is called with a last callback, so that what no middleware of
// the user has answered is answered and reported here, as their own finalhandler would, but once and in the error log.

import type { RequestHandler } from './app.ts'
import type { Failures } from './failures.ts'
import type { ExpressLike } from './recognise.ts'

export function adaptExpress(app: ExpressLike, failures: Failures): { handle: RequestHandler } {
  return {
    handle: (request, response) =>
      app(request, response, (error) => {
        // Express takes a falsy error for none.
        if (error) failures.fail(error, request, response)
        else failures.notFound(request, response)
      }),
  }
}
