// Runs in a worker: with `drain_delay` a server that is about to stop still serves, but its readiness check
// fails.

import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from '../../app/model/app.ts'

const text = 'the server is stopping\n'

/** Handles a request instead of the app. */
export const refuseReadiness: RequestHandler = (_, response) => {
  response.writeHead(503, { 'content-type': 'text/plain', 'content-length': text.length }).end(text)
}

/** Returns the path of a request, without its query. */
export function pathOf({ url = '' }: IncomingMessage): string {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}
