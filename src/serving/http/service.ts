// Runs in a worker: HTTP/1 on connections that a worker class accepts. The class decides how connections
// are taken and hands each socket to the service, which owns the rest: one http.Server for all sockets (`ws`
// and `socket.io` attach to it), the connections, time limits, access lines, hooks, upgrades, and the drain.

import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { noteUpgrade } from '../connections/close-websocket.ts'
import type { Exchange } from '../connections/connection.ts'
import { drainConnections } from '../connections/drain.ts'
import { Connections } from '../connections/table.ts'
import { respondInvalid } from '../requests/invalid-request.ts'
import { refuseReadiness, unready } from '../requests/readiness.ts'
import '../requests/tick-shape.ts'
import { RequestTimeouts } from '../requests/timeouts.ts'
import type { RequestHandler } from '../../app/model/app.ts'
import type { RequestHooks } from '../requests/hooks.ts'
import type { HttpOptions } from './options.ts'
import { createRequestListener } from './request-listener.ts'

/** What a worker reports of its requests. */
export interface Load {
  /** Requests that have ended since the worker started. */
  readonly requests: number
  /** Requests in flight. */
  readonly busy: number
  /** Open connections. */
  readonly connections: number
  /** Requests that took too long and that the app has not ended yet. They are no longer busy. */
  readonly overdue: number
}

export interface ServiceDrain {
  /** Milliseconds after which the rest is closed. */
  readonly within: number
  /**
   * Closes idle connections at once, without a last response on them: a client that is just sending on one
   * has to try again.
   */
  readonly hurry?: boolean
  /** Resolves when no new connection can arrive any more. */
  readonly shut: Promise<void>
}

/** Milliseconds for the first request of a connection when the drain is in a hurry. */
const hurriedFirstRequest = 200

export class HttpService {
  readonly server: Server
  readonly #options: HttpOptions
  readonly #connections: Connections
  readonly #timeouts: RequestTimeouts | undefined
  readonly #onSocketClose: (this: Socket) => void

  /** `onClosed`: called after a connection has closed and is no longer counted. */
  constructor(options: HttpOptions, onClosed: () => void) {
    const connections = new Connections(options.board)
    const timeouts = options.requestLimit && new RequestTimeouts(options.requestLimit)
    this.#options = options
    this.#connections = connections
    this.#timeouts = timeouts
    this.server = this.#createServer()
    this.#onSocketClose = function () {
      const stream = connections.of(this)?.stream
      if (stream) timeouts?.forget(stream)
      connections.remove(this)
      onClosed()
    }
  }

  /** Starts the checks of headersTimeout and requestTimeout, as http.Server does when it listens itself. */
  start(): void {
    this.server.emit('listening')
  }

  /** Serves a connection. */
  serve(socket: Socket): void {
    this.#connections.add(socket)
    socket.on('close', this.#onSocketClose)
    this.server.emit('connection', socket)
  }

  /** Open connections. */
  get open(): number {
    return this.#connections.size
  }

  load(): Load {
    return {
      requests: this.#connections.finished,
      busy: this.#connections.busy,
      connections: this.#connections.size,
      overdue: this.#timeouts?.overdue ?? 0,
    }
  }

  /** The newest request in flight of each stream, oldest first. */
  inFlight(): readonly Exchange[] {
    return this.#connections.inFlight()
  }

  /** Writes the access lines of the requests in flight, for a process that is about to be killed. */
  logInFlight(): void {
    const now = performance.now()
    for (const { response } of this.inFlight()) this.#options.writeAccess?.finish(response, now)
  }

  /**
   * From now on requests for this path get a 503. They have an access line, but neither app nor hooks run.
   */
  unready(path: string): void {
    unready(this.server, path, this.#createListener(refuseReadiness, undefined))
  }

  /**
   * Ends the requests in flight and the next request of each connection, and resolves when no connection is
   * left. Resolves with the requests that had to be cut off, for example `GET /path`. A second call may only
   * shorten the time.
   */
  drain({ within, hurry = false, shut }: ServiceDrain): Promise<readonly string[]> {
    this.#connections.drain()
    return drainConnections(this.#connections, {
      within,
      idleLimit: hurry ? 0 : this.#options.keepAlive,
      firstRequestLimit: hurry ? hurriedFirstRequest : undefined,
      shut,
    })
  }

  #createServer(): Server {
    const { app, keepAlive, probe, requestHooks, writeAccess } = this.#options
    const server = createServer({
      keepAliveTimeout: keepAlive,
      requireHostHeader: false, // the request listener requires it
    })
    if (keepAlive === 0) server.maxRequestsPerSocket = 1
    const listener = this.#createListener(app.handle, requestHooks)
    server.on('request', probe?.divide(app.handle, listener) ?? listener)
    server.on('clientError', (error, duplex) => {
      const socket = duplex as Socket // without TLS it is a net.Socket
      respondInvalid({ error, socket, connection: this.#connections.of(socket) }, writeAccess)
    })
    this.#handleUpgrades(server)
    return server
  }

  #createListener(handle: RequestHandler, requestHooks: RequestHooks | undefined): RequestListener {
    const { writeAccess } = this.#options
    const [connections, timeouts] = [this.#connections, this.#timeouts]
    return createRequestListener(handle, { connections, timeouts, writeAccess, requestHooks })
  }

  #handleUpgrades(server: Server): void {
    const { upgrade } = this.#options.app
    if (upgrade)
      server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) =>
        upgrade(request, socket, head),
      )
    watchUpgrades(server, (request, socket) => {
      noteUpgrade(this.#connections.of(socket), request)
      this.#options.writeAccess?.upgraded(request, socket)
    })
  }
}

/**
 * Calls `onUpgrade` before all other listeners, but only if there is another one: Node takes a server with
 * any `upgrade` listener for one that upgrades, and a client that only offers it (curl --http2) would wait
 * forever for a response.
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
