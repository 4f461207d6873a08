// Runs in a worker: the adapter for a plain request listener. Any function with parameters is accepted, also
// a factory or a function of a cloud service, whose requests would hang: so its result is checked.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe } from '../model/describe.ts'
import type { RequestHandler } from '../model/app.ts'
import { recognise } from '../model/recognise.ts'
import { isWebResponse } from '../model/shapes.ts'
import { isRecord, isThenable } from '../../os/type-checks.ts'
import type { Failures } from '../requests/failures.ts'
import { sendWebResponse } from './web-response.ts'

/** Calls the listener. Sends a Response that it returns; fails a request whose result is not for Node. */
export function adaptListener(listener: RequestHandler, failures: Failures): { handle: RequestHandler } {
  const useResult = (result: unknown, request: IncomingMessage, response: ServerResponse): unknown => {
    if (response.headersSent || response.writableEnded) return undefined
    if (isWebResponse(result)) return sendWebResponse(result, request, response, failures)
    refuseResult(result)
    return undefined
  }
  return {
    handle: (request, response) => {
      const result = listener(request, response)
      // Nothing, or the response of `=> response.end()`: the usual results cost no further check.
      if (result === undefined || result === response) return undefined
      if (recognise(result) !== undefined) refuseResult(result) // first: an app of Fastify is a promise too
      return isThenable(result)
        ? result.then((resolved) => useResult(resolved, request, response))
        : useResult(result, request, response)
    },
  }
}

/** What a listener returns is mostly of no meaning, for example a timer or a stream; these are mistakes. */
function refuseResult(result: unknown): void {
  const kind = recognise(result) ?? (typeof result === 'function' ? 'function' : undefined)
  if (kind !== undefined)
    throw new TypeError(
      `the app function returned an app (${kind}) instead of sending a response: it is a factory, so write ` +
        '"module:export()" in the setting app',
    )
  if (typeof result === 'string' || result instanceof Uint8Array || isPlain(result))
    throw new TypeError(
      `the app function returned ${describe(result)} instead of sending a response: call res.end(), or ` +
        'return a ' +
        'Response',
    )
}

const isPlain = (value: unknown): boolean =>
  isRecord(value) && Object.getPrototypeOf(value) === Object.prototype
