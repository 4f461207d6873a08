// Runs in a worker: what Node does by itself when a server has no listener for an event, written as a
// listener, so that the event is emitted and seen.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** Adds what Node does for as long as the app adds none for this event. */
export function addDefault(server: Server, event: keyof typeof defaults): void {
  if (server.listenerCount(event) > 0) return
  const listener = defaults[event]
  server.on(event, listener)
  server.on('newListener', function onListener(name) {
    if (name !== event) return
    server.off('newListener', onListener)
    server.off(event, listener)
  })
}

const defaults = { checkExpectation: refuseExpectation, connect: refuseConnect } as const

/** An `Expect` header other than 100-continue (RFC 9110, 10.1.1). */
function refuseExpectation(_: IncomingMessage, response: ServerResponse): void {
  response.writeHead(417).end()
}

/** The server is no proxy. Node would close the connection without a response. */
function refuseConnect(_: IncomingMessage, socket: Duplex): void {
  socket.end('HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
}
