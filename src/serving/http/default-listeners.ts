// Runs in a worker: what Node does by itself when a server has no listener for an event, written as a
// listener, so that the event is emitted and seen.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { continueOnRead } from '../requests/continue.ts'
import { responseOf, sendRefusal } from '../validity/refusal.ts'

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

/**
 * Whether the app leaves invalid requests to its server. Fastify adds a listener of its own to each server;
 * an app that sets `clientErrorHandler` replaces it.
 */
export function leavesInvalidRequests(server: Server): boolean {
  return server.listeners('clientError').every(({ name }) => name === 'bound defaultClientErrorHandler')
}

const defaults = {
  checkContinue: serveWhenRead,
  checkExpectation: refuseExpectation,
  connect: refuseConnect,
} as const

/** `Expect: 100-continue`. */
function serveWhenRead(this: Server, request: IncomingMessage, response: ServerResponse): void {
  continueOnRead(request, response)
  this.emit('request', request, response)
}

/** An `Expect` header other than 100-continue (RFC 9110, 10.1.1). */
function refuseExpectation(_: IncomingMessage, response: ServerResponse): void {
  sendRefusal(response, 417)
}

/** The server is no proxy. Node would close the connection without a response. */
function refuseConnect(_: IncomingMessage, socket: Duplex): void {
  socket.end(responseOf(405))
}
