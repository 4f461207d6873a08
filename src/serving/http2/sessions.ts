// Runs in a worker, only with `h2` in `http_protocols`: connections of HTTP/2. Each of their streams is
// presented to the server of the app as a request of HTTP/1 on a connection of its own, so that every app,
// and all that watches and limits requests, works unchanged.

import type { Server } from 'node:http'
import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2'
import type { Socket } from 'node:net'
import { afterReads } from '../../os/system/after-reads.ts'
import { noteServer } from '../../os/system/http-objects.ts'
import { isTls } from '../../os/system/socket-figures.ts'
import type { Connection } from '../connections/connection.ts'
import type { Connections } from '../connections/table.ts'
import { StreamFaults } from './faults.ts'
import { presentRequest, presentResponse, presentUpgrade, type ReceivedHead } from './present.ts'
import { SecureStreamSocket } from './secure-stream-socket.ts'
import { StreamSocket } from './stream-socket.ts'

export interface SessionsParts {
  readonly connections: Connections
  /** For connections and streams alike. */
  readonly onSocketClose: (this: Socket) => void
  readonly settings: Http2Settings
  /** Milliseconds. */
  readonly keepAlive: number
  /** A connection of HTTP/2 has failed: what its client sends is not valid. */
  readonly onFailure: (reason: string, socket: Socket) => void
  /** What a new stream needs to know of the proxy that sends it. */
  readonly onStream: (connection: Connection, socket: Socket) => void
}

export interface Http2Settings {
  readonly streams: number
  /** Bytes. */
  readonly window: number
  readonly frame: number
  readonly head: number
}

/** Header fields of one request that Node accepts; `limit_request_fields` is checked later, with its 431. */
const mostFields = 2000

/** What streams need of the connection that carries them. The socket of a failed session has no use. */
interface Carrier {
  readonly connection: Connection
  readonly faults: StreamFaults
}

const carrierKey = Symbol('tsgun.carrier')

export class Http2Sessions {
  readonly #server: Http2Server
  readonly #parts: SessionsParts
  readonly #app: Server

  /** `app`: the server that gets the requests. */
  constructor(app: Server, parts: SessionsParts) {
    this.#app = app
    this.#parts = parts
    this.#server = createServer(optionsOf(parts.settings))
    this.#server.on('session', (session) => this.#begin(session))
    this.#server.on('stream', (stream, headers, _, ...rest: readonly unknown[]) =>
      this.#serve(stream, { headers, rawHeaders: rawHeadersIn(rest), isWhole: stream.endAfterHeaders }),
    )
  }

  /** The socket is one of the table. */
  serve(socket: Socket): void {
    this.#server.emit('connection', socket)
  }

  #begin(session: ServerHttp2Session): void {
    const { connections, keepAlive, onFailure } = this.#parts
    const connection = session.destroyed ? undefined : connections.of(session.socket)
    if (connection === undefined) return session.destroy()
    session.on('error', (error) => onFailure(error.message, connection.socket))
    const faults = new StreamFaults(() =>
      session.destroy(tooManyFaults(), constants.NGHTTP2_ENHANCE_YOUR_CALM),
    )
    Object.assign(session, { [carrierKey]: { connection, faults } satisfies Carrier })
    connections.multiplex(connection, session)
    if (keepAlive > 0) closeWhenIdle(session, connection, keepAlive)
  }

  #serve(stream: ServerHttp2Stream, head: ReceivedHead): void {
    const carrier = carrierOf(stream)
    if (carrier === undefined) return discard(stream)
    const protocol = head.headers[':protocol']
    if (head.headers[':method'] === 'CONNECT' && protocol === undefined) return refuse(stream, 405)
    if (protocol !== undefined && this.#app.listenerCount('upgrade') === 0) return refuse(stream, 501)
    const socket = this.#open(stream, carrier)
    if (protocol === undefined) return this.#request(stream, socket, head)
    socket.tunnel()
    this.#app.emit('upgrade', presentUpgrade(socket, head), socket, Buffer.alloc(0))
  }

  #open(stream: ServerHttp2Stream, { connection, faults }: Carrier): StreamSocket {
    const { connections, onSocketClose, onStream } = this.#parts
    const carrier = connection.socket
    const Class = isTls(carrier) ? SecureStreamSocket : StreamSocket
    const socket = new Class({ stream, carrier, faults })
    onStream(connections.addStream(socket, connection), socket)
    socket.on('close', onSocketClose)
    noteServer(socket, this.#app)
    if (this.#app.timeout > 0) socket.setTimeout(this.#app.timeout)
    return socket
  }

  #request(stream: ServerHttp2Stream, socket: StreamSocket, head: ReceivedHead): void {
    const request = presentRequest(stream, socket, head)
    const response = presentResponse(request, socket)
    this.#app.emit(eventFor(head.headers), request, response)
  }
}

/** A stream that is open when the time is over has it begin anew. */
function closeWhenIdle(session: ServerHttp2Session, connection: Connection, keepAlive: number): void {
  const again = (): void => closeWhenIdle(session, connection, keepAlive)
  session.setTimeout(keepAlive, () => {
    if (connection.streams > 0) return again()
    const { idleSince } = connection
    afterReads(() => {
      if (session.destroyed) return
      if (connection.streams > 0 || connection.idleSince !== idleSince) again()
      else session.close()
    })
  })
}

function carrierOf({ session }: ServerHttp2Stream): Carrier | undefined {
  return session && (session as { readonly [carrierKey]?: Carrier })[carrierKey]
}

const tooManyFaults = (): Error => new Error('too many streams were reset for an error of the client')

/** The last argument of the event, which is not in its type. */
function rawHeadersIn([rawHeaders]: readonly unknown[]): readonly string[] {
  return Array.isArray(rawHeaders) ? rawHeaders.filter((text) => typeof text === 'string') : []
}

/** The event of http.Server for a request with these headers. */
function eventFor({ expect }: IncomingHttpHeaders): 'request' | 'checkContinue' | 'checkExpectation' {
  if (expect === undefined) return 'request'
  return expect.toLowerCase() === '100-continue' ? 'checkContinue' : 'checkExpectation'
}

/** Its session has ended before the stream was seen, with an error that is the stream's too. */
function discard(stream: ServerHttp2Stream): void {
  stream.on('error', () => undefined)
  stream.close()
}

function refuse(stream: ServerHttp2Stream, status: number): void {
  stream.on('error', () => undefined) // the client has left
  stream.respond({ ':status': status }, { endStream: true })
}

function optionsOf({ streams, window, frame, head }: Http2Settings): ServerOptions {
  return {
    maxHeaderListPairs: mostFields,
    settings: {
      maxConcurrentStreams: streams,
      initialWindowSize: window,
      maxFrameSize: frame,
      maxHeaderListSize: head,
      enableConnectProtocol: true,
      enablePush: false,
    },
  }
}
