// Runs in a worker: one server of the app, or tsgun's own, and what watches it. It never listens: the worker
// class accepts, and the server gets each connection by the event `connection`, which Node's docs describe
// for connections from elsewhere.

import type { RequestListener, Server as HttpServer } from 'node:http'
import type { Server, Socket } from 'node:net'
import type { AppServer, RequestHandler } from '../../app/model/app.ts'
import { respondWith } from '../requests/fixed-response.ts'
import { refuseReadiness } from '../requests/readiness.ts'
import { respondInvalid } from '../requests/invalid-request.ts'
import { endLater } from './end-later.ts'
import { applyLimits } from './limits.ts'
import { createRequestListener, type RequestPath } from './request-listener.ts'
import { isHttp, isHttp2, isTls } from './protocol.ts'
import { type Divert, watchHttp, type WatchHttp } from './watch-http.ts'
import { watchHttp2 } from './watch-http2.ts'
import { tooLarge } from '../validity/limit-body.ts'
import type { ForwardingOf } from '../forwarded/forwarding.ts'
import type { Http2Option } from '../http2/option.ts'
import type { Http2Sessions } from '../http2/sessions.ts'
import { shareFacts } from '../tls/facts.ts'
import { peerAddress } from '../records/peer.ts'
import { Validity } from '../validity/validity.ts'
import type { ClientLimits, HttpOptions } from './options.ts'

export interface FrontParts
  extends Omit<RequestPath, 'validity'>, Pick<WatchHttp, 'probe' | 'report' | 'onRefusal'> {
  readonly clientLimits: ClientLimits
  readonly http2?: Http2Option | undefined
  readonly onNoUpgrade?: HttpOptions['onNoUpgrade']
  /** For connections and the streams on them. */
  readonly onSocketClose: (this: Socket) => void
  readonly forwardingOf: ForwardingOf | undefined
  /** Milliseconds. */
  readonly keepAlive: number
}

export class Front {
  readonly server: Server
  readonly place: AppServer['place']
  /** Milliseconds that a connection may be idle. */
  readonly keepAlive: number
  readonly #parts: FrontParts
  readonly #divert: Divert
  readonly #isOfApp: boolean
  /** Paths that the app does not get. */
  readonly #own = new Map<string, RequestListener>()
  /** Absent when the server of the app speaks HTTP/2 itself, or HTTP/2 is off. */
  readonly #sessions: Http2Sessions | undefined

  constructor({ server, place, respond }: AppServer, parts: FrontParts) {
    this.server = server
    this.place = place
    this.#parts = parts
    this.#isOfApp = respond !== undefined
    const { requiresHost, keepAlive } = applyLimits(server, parts)
    const validity = createValidity(parts, requiresHost)
    const watch: WatchHttp['watch'] = (handle) => createRequestListener(handle, { ...parts, validity })
    this.keepAlive = keepAlive
    this.#divert = isHttp(server)
      ? watchHttp({ ...parts, server, respond, watch, validity })
      : () => undefined
    if (isHttp2(server)) watchHttp2({ ...parts, server, respond })
    else if (isHttp(server)) this.#sessions = createSessions(server, parts, keepAlive)
  }

  /**
   * Starts the checks of headersTimeout and requestTimeout, as http.Server does when it listens (a server of
   * the app does so by its own listen()).
   */
  start(): void {
    if (!this.#isOfApp) this.server.emit('listening')
  }

  /** The socket carries HTTP/2. */
  serveHttp2(socket: Socket): void {
    if (this.#sessions === undefined) return this.serve(socket)
    socket.allowHalfOpen = false // a client that ends its side has left, with all its streams
    this.#sessions.serve(socket)
  }

  /** The socket carries HTTP/1, or all that a server of the app speaks. */
  serve(socket: Socket): void {
    if (this.#sessions && this.#parts.http2?.isAlone) return this.refuse(socket, notOffered())
    // What net.Server sets on the sockets that it accepts itself.
    socket.allowHalfOpen = Reflect.get(this.server, 'allowHalfOpen') === true
    endLater(socket)
    this.server.emit('connection', socket)
  }

  /** Ends a connection that the server does not get. */
  refuse(socket: Socket, error: Error): void {
    socket.on('error', () => socket.destroy()) // the client has left
    if (isHttp(this.server)) this.server.emit('clientError', error, socket)
    else socket.destroy()
    socket.resume() // what still arrives is discarded
  }

  /** Serves a decrypted connection. A server of the app that has TLS itself does no second handshake. */
  serveSecure(socket: Socket): void {
    if (isTls(this.server)) this.server.emit('secureConnection', socket)
    else this.serve(socket)
  }

  unready(path: string): void {
    this.#own.set(path, this.#listenerOf(refuseReadiness))
    this.#divert(this.#own)
  }

  /** Responds to requests for these paths with these texts, and to no others any more. */
  respond(texts: ReadonlyMap<string, string>, before: ReadonlyMap<string, string>): void {
    for (const path of before.keys()) this.#own.delete(path)
    for (const [path, text] of texts) this.#own.set(path, this.#listenerOf(respondWith(text)))
    this.#divert(this.#own)
  }

  #listenerOf(handle: RequestHandler): RequestListener {
    const none = {
      requestHooks: undefined,
      onErrorResponse: undefined,
      validity: undefined,
      admit: undefined,
    }
    return createRequestListener(handle, { ...this.#parts, ...none })
  }
}

function notOffered(): Error {
  return Object.assign(new Error('http_protocols has no "h1"'), { code: 'ERR_HTTP_VERSION' })
}

function createSessions(server: HttpServer, parts: FrontParts, keepAlive: number): Http2Sessions | undefined {
  const { http2, connections, onSocketClose, onRefusal, forwardingOf } = parts
  if (http2 === undefined) return undefined
  return new http2.Sessions(server, {
    connections,
    onSocketClose,
    keepAlive,
    settings: http2.settings,
    onFailure: (reason, socket) =>
      onRefusal?.({ status: 400, reason }, { remoteAddress: peerAddress(socket) }),
    onStream: (connection, socket) => {
      connection.forwarding = forwardingOf?.(socket)
      if (connection.parent) shareFacts(connection.parent.socket, socket)
    },
  })
}

function createValidity(parts: FrontParts, requiresHost: boolean): Validity {
  const { clientLimits: limits, onRefusal, writeAccess, connections } = parts
  return new Validity({
    limits,
    requiresHost,
    isHttp2: parts.http2 && (({ socket }) => connections.of(socket)?.parent !== undefined),
    onRefusal,
    writeAccess,
    onNoUpgrade: parts.onNoUpgrade,
    onTooLarge: (socket) =>
      respondInvalid({ error: tooLarge(), socket, connection: connections.of(socket) }, parts),
  })
}
