// A plain request listener, in a worker. Any function is taken for one, also a factory that somebody named
// without "()": its requests would hang without a word, so a listener that answers an app is told for what it
// is.

import type { ServerResponse } from 'node:http'
import type { RequestHandler } from '../model/app.ts'
import { isThenable, recognise } from '../model/recognise.ts'

/**
 * Calls the listener; a request whose result is an app, and which nobody has begun to answer, fails with the
 * remedy.
 */
export function adaptListener(listener: RequestHandler): { handle: RequestHandler } {
  return {
    handle: (request, response) => {
      const result = listener(request, response)
      // Nothing, or the response itself out of `=> response.end()`: the usual results cost no further look.
      return result === undefined || result === response ? undefined : look(result, response)
    },
  }
}

function look(result: unknown, response: ServerResponse): unknown {
  refuseApp(result, response) // first: an app of Fastify is a promise too
  return isThenable(result) ? result.then((resolved) => refuseApp(resolved, response)) : undefined
}

function refuseApp(result: unknown, response: ServerResponse): void {
  const kind = response.headersSent ? undefined : recognise(result)
  if (kind === undefined) return
  throw new TypeError(
    `the app is a function that answered an app (${kind}) and no response: it is a factory, so name it ` +
      '"module:export()" in the setting app',
  )
}
