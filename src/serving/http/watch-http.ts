// Runs in a worker: watches a server of HTTP/1, with or without TLS, of the app or of tsgun: each request,
// and what else a client can send, has its access line, its count and its limits, whatever responds to it.

import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { AppServer, ReportError, RequestEvent, RequestHandler } from '../../app/model/app.ts'
import { guardUpgrade } from '../../app/requests/upgrades.ts'
import { hasCode } from '../../os/error-code.ts'
import { wrappedSocket } from '../../os/system/wrapped-socket.ts'
import { noteUpgrade } from '../connections/close-websocket.ts'
import { watchAnswer } from '../connections/unanswered.ts'
import type { Connections } from '../connections/table.ts'
import type { WriteAccess } from '../records/access.ts'
import { declinesUpgrade, serveAsPlain } from '../requests/declined-upgrade.ts'
import { respondInvalid, type InvalidLogs } from '../requests/invalid-request.ts'
import { onRequestTimeout, onSocketTimeout } from '../requests/late-timers.ts'
import { noteInvalid } from '../requests/note-invalid.ts'
import type { Probe } from '../requests/probe.ts'
import type { Validity } from '../validity/validity.ts'
import { pathOf } from '../requests/readiness.ts'
import { addDefault, leavesInvalidRequests } from './default-listeners.ts'
import { type Emit, intercept } from './intercept.ts'

export interface WatchHttp extends InvalidLogs {
  readonly server: Server
  /** Returns what responds to a request of the server. Default: the listeners of the server. */
  readonly respond: AppServer['respond']
  /** Returns a listener that watches each request before it calls `handle`. */
  readonly watch: (handle: RequestHandler) => RequestListener
  readonly connections: Connections
  readonly writeAccess: WriteAccess | undefined
  readonly probe: Probe | undefined
  readonly report: ReportError
  /** Absent when nothing is checked. */
  readonly validity: Pick<Validity, 'refusesUpgrade'> | undefined
}

/** From now on requests for these paths go to other listeners, and for all others to the app. */
export type Divert = (listeners: ReadonlyMap<string, RequestListener>) => void

export function watchHttp(options: WatchHttp): Divert {
  const { server, respond, watch, probe } = options
  // Node responds to these itself, without an event, unless there is a listener.
  addDefault(server, 'checkExpectation')
  addDefault(server, 'connect')
  addDefault(server, 'checkContinue')
  const diverted: { onRequest: RequestListener; usual: RequestListener } = {
    onRequest: () => undefined,
    usual: () => undefined,
  }
  intercept<IncomingMessage, ServerResponse>(server, (emit) => {
    const listenerOf = (event: RequestEvent): RequestListener => {
      const handle = respond?.(event) ?? emitter(emit, event)
      return probe?.divide(handle, watch(handle)) ?? watch(handle)
    }
    diverted.usual = listenerOf('request')
    diverted.onRequest = diverted.usual
    return {
      request: (request, response) => diverted.onRequest(request, response),
      others: {
        checkContinue: listenerOf('checkContinue'),
        checkExpectation: listenerOf('checkExpectation'),
        ...connectionEvents(options, emit),
      },
    }
  })
  return (listeners) => {
    const { usual } = diverted
    diverted.onRequest =
      listeners.size === 0
        ? usual
        : (request, response) => (listeners.get(pathOf(request)) ?? usual)(request, response)
  }
}

/** Returns a handler that calls the listeners of an event. */
function emitter(emit: Emit, event: RequestEvent): RequestHandler {
  return (request, response) => void emit(event, request, response)
}

type OnUpgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => unknown

/** The events that have no response object. */
function connectionEvents(
  { server, connections, writeAccess, onRefusal, report, validity }: WatchHttp,
  emit: Emit,
): Readonly<Record<string, (...args: never[]) => unknown>> {
  const upgrading = (event: 'upgrade' | 'connect'): OnUpgrade => {
    const handle = guardUpgrade((...parameters) => emit(event, ...parameters), report)
    return (request, socket, head) => {
      const connection = connections.of(socket)
      const problem = connection?.forwarding?.admit(request)
      if (validity?.refusesUpgrade(request, socket, problem)) return
      noteUpgrade(connection, request)
      writeAccess?.upgraded(request, socket)
      watchAnswer(socket)
      return handle(request, socket, head)
    }
  }
  const upgrade = upgrading('upgrade')
  return {
    upgrade: (request: IncomingMessage, socket: Socket, head: Buffer) =>
      declinesUpgrade(request) ? serveAsPlain(server, request, socket, head) : upgrade(request, socket, head),
    connect: upgrading('connect'),
    timeout: (socket: Socket) =>
      onSocketTimeout(socket, connections.of(socket), () => emit('timeout', socket)),
    clientError: (error: Error, socket: Socket) => {
      const connection = connections.of(socket)
      const refuse = (): void => {
        const invalid = { error, socket, connection }
        if (leavesInvalidRequests(server)) return respondInvalid(invalid, { writeAccess, onRefusal })
        noteInvalid(invalid, writeAccess, () => emit('clientError', error, socket))
      }
      if (hasCode(error, 'ERR_HTTP_REQUEST_TIMEOUT')) onRequestTimeout(connection, refuse)
      else refuse()
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
