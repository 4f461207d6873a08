// Runs in a worker: with `drain_delay` a server that was told to stop goes on serving, but no longer says
// that it is ready. The listener of requests is put in front of the others at that moment, so that nothing is
// asked of requests before.

import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { RequestHandler } from '../../app/model/app.ts'

const text = 'the server is stopping\n'

/** Requests for this path go to `refuse`, others to whoever had them. */
export function unready(server: Server, path: string, refuse: RequestListener): void {
  // What attaches itself to a server, as socket.io does, has put the first listener into its own.
  const listeners = server.rawListeners('request')
  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (pathOf(request) === path) return refuse(request, response)
    for (const listener of listeners) Reflect.apply(listener, server, [request, response])
  })
}

/** In place of the app. */
export const refuseReadiness: RequestHandler = (_, response) => {
  response.writeHead(503, { 'content-type': 'text/plain', 'content-length': text.length }).end(text)
}

function pathOf({ url = '' }: IncomingMessage): string {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}
