// Runs in a worker: with `drain_delay` a server that is about to stop still serves, but its readiness check
// fails. The listener for that is installed at that moment, so that it costs no request anything before.

import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { RequestHandler } from '../../app/model/app.ts'

const text = 'the server is stopping\n'

/** Requests for this path go to `refuse`, all others to the listeners that the server has now. */
export function unready(server: Server, path: string, refuse: RequestListener): void {
  // All of them: a library such as socket.io replaces the listeners by its own, which calls them.
  const listeners = server.rawListeners('request')
  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (pathOf(request) === path) return refuse(request, response)
    for (const listener of listeners) Reflect.apply(listener, server, [request, response])
  })
}

/** Handles a request instead of the app. */
export const refuseReadiness: RequestHandler = (_, response) => {
  response.writeHead(503, { 'content-type': 'text/plain', 'content-length': text.length }).end(text)
}

function pathOf({ url = '' }: IncomingMessage): string {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}
