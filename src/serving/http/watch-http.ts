// Runs in a worker: watches a server of HTTP/1, with or without TLS, of the app or of tsgun: each request,
// and what else a client can send, has its access line, its count and its limits, whatever responds to it.

import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { AppServer, ReportError, RequestEvent, RequestHandler } from '../../app/model/app.ts'
import { guardUpgrade } from '../../app/requests/upgrades.ts'
import { wrappedSocket } from '../../os/system/wrapped-socket.ts'
import { noteUpgrade } from '../connections/close-websocket.ts'
import { endGently } from '../connections/end-gently.ts'
import type { Connections } from '../connections/table.ts'
import type { WriteAccess } from '../records/access.ts'
import { declinesUpgrade, serveAsPlain } from '../requests/declined-upgrade.ts'
import { respondInvalid } from '../requests/invalid-request.ts'
import { noteInvalid } from '../requests/note-invalid.ts'
import type { Probe } from '../requests/probe.ts'
import { pathOf } from '../requests/readiness.ts'
import { addDefault } from './default-listeners.ts'
import { type Emit, intercept } from './intercept.ts'

export interface WatchHttp {
  readonly server: Server
  /** Returns what responds to a request of the server. Default: the listeners of the server. */
  readonly respond: AppServer['respond']
  /** Returns a listener that watches each request before it calls `handle`. */
  readonly watch: (handle: RequestHandler) => RequestListener
  readonly connections: Connections
  readonly writeAccess: WriteAccess | undefined
  readonly probe: Probe | undefined
  readonly report: ReportError
}

/** From now on requests for this path go to another listener. */
export type Divert = (path: string, listener: RequestListener) => void

export function watchHttp(options: WatchHttp): Divert {
  const { server, respond, watch, probe } = options
  // Node responds to these two itself, without an event, unless there is a listener.
  addDefault(server, 'checkExpectation')
  addDefault(server, 'connect')
  const diverted: { onRequest: RequestListener } = { onRequest: () => undefined }
  intercept<IncomingMessage, ServerResponse>(server, (emit) => {
    const listenerOf = (event: RequestEvent): RequestListener => {
      const handle = respond?.(event) ?? emitter(emit, event)
      return probe?.divide(handle, watch(handle)) ?? watch(handle)
    }
    diverted.onRequest = listenerOf('request')
    return {
      request: (request, response) => diverted.onRequest(request, response),
      others: {
        checkContinue: listenerOf('checkContinue'),
        checkExpectation: listenerOf('checkExpectation'),
        ...connectionEvents(options, emit),
      },
    }
  })
  return (path, listener) => {
    const { onRequest } = diverted
    diverted.onRequest = (request, response) =>
      (pathOf(request) === path ? listener : onRequest)(request, response)
  }
}

/** Returns a handler that calls the listeners of an event. */
function emitter(emit: Emit, event: RequestEvent): RequestHandler {
  return (request, response) => void emit(event, request, response)
}

type OnUpgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => unknown

/** The events that have no response object. */
function connectionEvents(
  { server, connections, writeAccess, report }: WatchHttp,
  emit: Emit,
): Readonly<Record<string, (...args: never[]) => unknown>> {
  const upgrading = (event: 'upgrade' | 'connect'): OnUpgrade => {
    const handle = guardUpgrade((...parameters) => emit(event, ...parameters), report)
    return (request, socket, head) => {
      const connection = connections.of(socket)
      const refusal = connection?.forwarding?.admit(request)
      if (refusal !== undefined) return refuseUpgrade(request, socket, writeAccess)
      noteUpgrade(connection, request)
      writeAccess?.upgraded(request, socket)
      return handle(request, socket, head)
    }
  }
  const upgrade = upgrading('upgrade')
  return {
    upgrade: (request: IncomingMessage, socket: Socket, head: Buffer) =>
      declinesUpgrade(request) ? serveAsPlain(server, request, socket, head) : upgrade(request, socket, head),
    connect: upgrading('connect'),
    clientError: (error: Error, socket: Socket) => {
      const invalid = { error, socket, connection: connections.of(socket) }
      if (server.listenerCount('clientError') === 0) return respondInvalid(invalid, writeAccess)
      noteInvalid(invalid, writeAccess, () => emit('clientError', error, socket))
    },
    dropRequest: (request: IncomingMessage, socket: Socket) => {
      connections.finished += 1
      connections.of(socket)?.forwarding?.admit(request) // the access line has the client
      writeAccess?.refused(request, socket, 503)
      emit('dropRequest', request, socket)
    },
    secureConnection: (socket: Socket) => {
      connections.wrap(wrappedSocket(socket), socket)
      emit('secureConnection', socket)
    },
  }
}

/** Node makes no response object for it. */
function refuseUpgrade(request: IncomingMessage, socket: Socket, log: WriteAccess | undefined): void {
  log?.refused(request, socket, 400)
  socket.write('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  socket.resume()
  endGently(socket)
}
