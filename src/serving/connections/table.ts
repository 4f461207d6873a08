// Runs in a worker: the open connections and the requests in flight on them, so that a drain knows which
// connections are idle, and since when.

import type { ServerResponse } from 'node:http'
import type { ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { showSamePeer } from '../forwarded/shown-client.ts'
import type { Board } from './board.ts'
import { watchEnding, type EndingCalls, type OnEnding } from './broken-off.ts'
import { Connection } from './connection.ts'
import { LinkedList } from './list.ts'
import { closeSession } from './close-session.ts'
import { closeGently } from './rest-of-body.ts'
import type { Carrier, Exchange, Stream } from './stream.ts'

const connectionKey = Symbol('tsgun.connection')

/** The connection is a property of its socket: a Map would be searched twice per request. */
interface TrackedSocket extends Socket {
  [connectionKey]?: Connection | undefined
}

export interface ConnectionsOptions {
  /** Where the watchdog thread reads the requests in flight. */
  readonly board?: Board | undefined
  readonly calls?: EndingCalls | undefined
  /**
   * Called with the response on the wire when its connection may end before it: for the last time before the
   * socket is destroyed. `sent`: see OnEnding.
   */
  readonly onCutOff?: (response: ServerResponse, socket: Socket, sent: number | undefined) => void
}

export class Connections {
  readonly #open = new LinkedList<Connection>()
  /** Open connections. */
  size = 0
  /** Requests that have ended, completely or not, since the worker started. */
  finished = 0
  /** Requests in flight. */
  busy = 0
  #draining = false
  readonly #board: Board | undefined
  readonly #calls: EndingCalls | undefined
  readonly #onEnding: OnEnding
  readonly #streamOf = (socket: TrackedSocket): Stream | undefined => this.of(socket)?.stream

  constructor({ board, calls, onCutOff }: ConnectionsOptions = {}) {
    this.#board = board
    this.#calls = calls
    this.#onEnding = (socket, sent) => {
      const connection = this.of(socket)
      // With TLS only the socket above the other one counts what the app has written.
      if (connection?.socket !== socket || !connection.stream.current) return
      onCutOff?.(connection.stream.current, socket, sent)
    }
  }

  add(socket: TrackedSocket, now = performance.now()): Connection {
    const connection = new Connection(socket, now, this.#board?.claim() ?? 0)
    socket[connectionKey] = connection
    watchEnding(socket, this.#onEnding, this.#calls)
    closeGently(socket, this.#streamOf)
    this.#open.prepend(connection)
    this.size += 1
    return connection
  }

  /** A stream of HTTP/2: it is listed, shown and drained as a connection, and not counted as one. */
  addStream(socket: TrackedSocket, parent: Connection, now = performance.now()): Connection {
    const connection = new Connection(socket, now, this.#board?.claim() ?? 0, parent)
    socket[connectionKey] = connection
    watchEnding(socket, this.#onEnding)
    this.#open.prepend(connection)
    parent.streams += 1
    return connection
  }

  /** Does nothing when the socket was removed before. */
  remove(socket: TrackedSocket): void {
    const connection = socket[connectionKey]
    if (connection === undefined) return
    const { parent, inFlight } = connection
    if (parent) {
      parent.streams -= 1
      carry(parent, -inFlight, performance.now())
    }
    socket[connectionKey] = undefined
    const above: TrackedSocket = connection.socket
    above[connectionKey] = undefined
    this.#open.remove(connection)
    if (parent === undefined) this.size -= 1
    if (this.#board) connection.stream.release(this.#board)
  }

  /** TLS: requests arrive on `secure`, and what is sent to the client must go through it. */
  wrap(socket: TrackedSocket | undefined, secure: TrackedSocket): void {
    const connection = socket?.[connectionKey]
    if (connection === undefined || connection.socket === secure) return
    connection.socket = secure
    if (socket) showSamePeer(secure, socket)
    secure[connectionKey] = connection
    watchEnding(secure, this.#onEnding)
    closeGently(secure, this.#streamOf)
  }

  /** Returns the connection of a socket while it is open. */
  of(socket: TrackedSocket): Connection | undefined {
    return socket[connectionKey]
  }

  /** Returns the stream that carries a response, while its connection is open. */
  streamOf(response: ServerResponse): Stream | undefined {
    return this.of(response.req.socket)?.stream
  }

  /** The open connections, newest first. The caller may close the one that it was given. */
  all(): Iterable<Connection> {
    return this.#open
  }

  /**
   * From now on the last response on each connection whose head is not sent yet has `Connection: close`, so
   * that a client learns of the drain with its next response.
   */
  drain(): void {
    this.#draining = true
    for (const { stream, session, socket } of this.all()) {
      if (stream.last) stream.last.shouldKeepAlive = false
      if (session) closeSession(session, socket)
    }
  }

  /** The connection carries streams of HTTP/2. A drain tells the client with GOAWAY. */
  multiplex(connection: Connection | undefined, session: ServerHttp2Session): void {
    if (connection === undefined) return
    connection.session = session
    if (this.#draining) closeSession(session, connection.socket)
  }

  /** A request begins; `leave` is called when it has ended. Both are enough for a stream of HTTP/2. */
  enter(connection: Carrier | undefined): void {
    this.busy += 1
    if (this.#board) this.#board.busy = this.busy
    if (connection === undefined) return
    connection.used = true
    connection.inFlight += 1
    if (connection.parent) carry(connection.parent, 1)
  }

  leave(connection: Carrier | undefined, now: number): void {
    this.busy -= 1
    this.finished += 1
    if (this.#board) this.#board.busy = this.busy
    if (connection === undefined) return
    connection.inFlight -= 1
    connection.idleSince = now
    if (connection.parent) carry(connection.parent, -1, now)
  }

  /** Returns the stream of the request, if its connection is still open. */
  begin(response: ServerResponse, now: number, stream = this.streamOf(response)): Stream | undefined {
    this.enter(stream?.connection)
    if (this.#draining) {
      if (stream?.last) stream.last.shouldKeepAlive = true // only the last one ends the connection
      response.shouldKeepAlive = false
    }
    stream?.begin(response, now, this.#board)
    return stream
  }

  /** Returns the stream of the request, if its connection is still open. */
  finish(response: ServerResponse, now: number): Stream | undefined {
    const stream = this.streamOf(response)
    this.leave(stream?.connection, now)
    stream?.finish(response, this.#board)
    return stream
  }

  /** The requests in flight whose handlers ran in one of these async contexts. */
  startedIn(asyncIds: readonly number[]): readonly Exchange[] {
    const streams = [...this.all()].map(({ stream }) => stream)
    return streams.flatMap((stream) => (asyncIds.includes(stream.asyncId) ? stream.inFlight() : []))
  }

  /** The requests in flight, oldest first. */
  inFlight(): readonly Exchange[] {
    const found = [...this.all()].flatMap(({ stream }) => stream.inFlight())
    return found.sort((one, other) => one.startedAt - other.startedAt)
  }
}

/** A stream of the connection has begun or ended a request. */
function carry(connection: Carrier, change: number, now = connection.idleSince): void {
  connection.used = true
  connection.inFlight += change
  connection.idleSince = now
}
