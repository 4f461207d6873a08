// Runs in a worker: the adapter for a plain request listener. Any function is accepted, also a factory named
// without "()", whose requests would hang; so a listener that returns an app fails the request with the
// remedy.

import type { ServerResponse } from 'node:http'
import type { RequestHandler } from '../model/app.ts'
import { recognise } from '../model/recognise.ts'
import { isThenable } from '../../os/type-checks.ts'

/** Calls the listener. Fails a request whose result is an app if no response has been started. */
export function adaptListener(listener: RequestHandler): { handle: RequestHandler } {
  return {
    handle: (request, response) => {
      const result = listener(request, response)
      // Nothing, or the response of `=> response.end()`: the usual results cost no further check.
      return result === undefined || result === response ? undefined : checkResult(result, response)
    },
  }
}

function checkResult(result: unknown, response: ServerResponse): unknown {
  refuseApp(result, response) // first: an app of Fastify is a promise too
  return isThenable(result) ? result.then((resolved) => refuseApp(resolved, response)) : undefined
}

function refuseApp(result: unknown, response: ServerResponse): void {
  const kind = response.headersSent ? undefined : recognise(result)
  if (kind === undefined) return
  throw new TypeError(
    `the app function returned an app (${kind}) instead of sending a response: it is a factory, so write ` +
      '"module:export()" in the setting app',
  )
}
