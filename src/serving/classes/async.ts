// Runs in a worker: the worker class `async`, Node's event loop as it is. One http.Server serves the
// connections of every socket, so that `ws` or `socket.io` have one server to attach to; the gate does the
// accepting.

import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { abortRequest } from '../../app/requests/signal.ts'
import { answerInvalid } from '../requests/invalid-request.ts'
import { Connections } from '../connections/table.ts'
import { noteUpgrade } from '../connections/close-websocket.ts'
import { drainConnections } from '../connections/drain.ts'
import '../requests/tick-shape.ts'
import { Gate } from '../accept/gate.ts'
import { RequestTimeouts } from '../requests/timeouts.ts'
import { refuseReadiness, unready } from '../requests/readiness.ts'
import type { Drain, ServeOptions, Serving } from './worker-class.ts'

/** Milliseconds for the first request of a connection, when old code is to be gone soon. */
const hurriedFirstRequest = 200

export function serveAsync(options: ServeOptions): Serving {
  const connections = new Connections(options.board)
  const timeouts = options.requestLimit && new RequestTimeouts(options.requestLimit)
  const server = createHttpServer(options, connections, timeouts)
  const gate = createGate(options, server, connections, timeouts)
  return {
    server,
    async listen() {
      await gate.listen()
      // http.Server starts to watch over slow requests when it hears this (headersTimeout, requestTimeout)
      server.emit('listening')
    },
    inFlight: () => connections.inFlight(),
    abandon() {
      const now = performance.now()
      for (const { response } of connections.inFlight()) options.writeAccess?.finish(response, now)
    },
    load: () => ({
      requests: connections.finished,
      busy: connections.busy,
      connections: connections.size,
      overdue: timeouts?.overdue ?? 0,
    }),
    unready(path) {
      // A request for it is one like all others, with an access line, but the app does not see it.
      const refusing: ServeOptions = {
        ...options,
        app: { ...options.app, handle: refuseReadiness },
        requestHooks: undefined,
      }
      unready(server, path, requestListener(refusing, connections, timeouts))
    },
    async drain(drain) {
      connections.drain()
      return drainConnections(connections, {
        within: drain.within,
        idleLimit: drain.hurry ? 0 : options.keepAlive,
        firstRequestLimit: drain.hurry ? hurriedFirstRequest : undefined,
        shut: shutGate(gate, drain),
      })
    },
  }
}

/** Half of the time is for requests that were taken late. */
async function shutGate(gate: Gate, { within, last, onShut }: Drain): Promise<void> {
  if (last !== false) await gate.takeWaiting(within / 2, last === true ? undefined : last)
  gate.shut()
  onShut()
}

function createHttpServer(
  options: ServeOptions,
  connections: Connections,
  timeouts: RequestTimeouts | undefined,
): Server {
  const { app, keepAlive, writeAccess } = options
  const server = createServer({
    keepAliveTimeout: keepAlive,
    requireHostHeader: false, // the request listener requires it
  })
  if (keepAlive === 0) server.maxRequestsPerSocket = 1
  const listener = requestListener(options, connections, timeouts)
  server.on('request', options.probe?.divide(app.handle, listener) ?? listener)
  server.on('clientError', (error, duplex) => {
    const socket = duplex as Socket // without TLS it is a net.Socket
    answerInvalid({ error, socket, connection: connections.of(socket) }, writeAccess)
  })
  const { upgrade } = app
  if (upgrade)
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) =>
      upgrade(request, socket, head),
    )
  watchUpgrades(server, (request, socket) => {
    noteUpgrade(connections.of(socket), request)
    writeAccess?.upgraded(request, socket)
  })
  return server
}

/**
 * Calls `onUpgrade` before anybody else, but only if there is somebody else: to Node a server with any
 * listener is one that upgrades, and a client that only offers it (curl --http2) would wait for ever for an
 * answer.
 */
function watchUpgrades(server: Server, onUpgrade: (request: IncomingMessage, socket: Socket) => void): void {
  const watch = (): void => void server.prependListener('upgrade', onUpgrade)
  if (server.listenerCount('upgrade') > 0) return watch()
  server.on('newListener', function onListener(event) {
    if (event !== 'upgrade') return
    server.off('newListener', onListener)
    watch()
  })
}

/** A request pays for no hook, no log and no limit that is not there. */
function requestListener(
  { app, requestHooks, writeAccess }: ServeOptions,
  connections: Connections,
  timeouts: RequestTimeouts | undefined,
): RequestListener {
  const handle = timeouts?.watch(app.handle, (socket) => connections.of(socket)) ?? app.handle
  // One listener for all responses: V8 starts each new closure slowly.
  function onClose(this: ServerResponse): void {
    const now = performance.now()
    if (!this.writableFinished) abortRequest(this.req, 'gone')
    const connection = connections.finish(this, now)
    if (timeouts && connection) timeouts.finish(connection, this, now)
    writeAccess?.finish(this, now)
    requestHooks?.after(this.req, this)
  }
  return (request, response) => {
    // its connection has had its last answer
    if (timeouts && connections.of(request.socket)?.turn?.isOver) return
    const now = performance.now()
    const connection = connections.begin(response, now)
    if (timeouts && connection) timeouts.begin(connection, response, now)
    writeAccess?.begin(response, now)
    response.on('close', onClose)
    if (lacksHost(request)) return refuse(response)
    const pending = requestHooks?.before(request)
    if (pending === undefined) handle(request, response)
    // never rejects: a failing pre_request is logged and the request goes on
    else void pending.then(() => response.destroyed || handle(request, response))
  }
}

/**
 * RFC 9112, 3.2. Node's own check answers before anybody hears of the request, so that it would be in no log.
 */
function lacksHost({ headers, httpVersionMajor, httpVersionMinor }: IncomingMessage): boolean {
  return headers.host === undefined && httpVersionMajor === 1 && httpVersionMinor === 1
}

function refuse(response: ServerResponse): void {
  response.writeHead(400, { connection: 'close' }).end()
}

function createGate(
  options: ServeOptions,
  server: Server,
  connections: Connections,
  timeouts: RequestTimeouts | undefined,
): Gate {
  const gate = new Gate({
    targets: options.listeners,
    backlog: options.backlog,
    limit: options.connectionLimit,
    open: () => connections.size,
    onNoGate: options.onNoGate,
    onShortage: options.onShortage,
    onError: options.report,
    onConnection(socket) {
      connections.add(socket)
      socket.on('close', onSocketClose)
      server.emit('connection', socket)
    },
  })
  function onSocketClose(this: Socket): void {
    const turn = timeouts && connections.of(this)?.turn
    if (turn) timeouts.forget(turn)
    connections.remove(this)
    if (gate.mayOpen) gate.relax().catch(options.report)
  }
  return gate
}
