// Runs in a worker: every open connection with what it is doing, so that a drain knows which ones are idle,
// and since when.

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { Board } from '../requests/board.ts'
import type { Upgrade } from './close-websocket.ts'
import type { Turn } from '../requests/turn.ts'

const connectionKey = Symbol('tsgun.connection')

/**
 * A socket knows its connection: a map from one to the other would be asked twice a request, and rebuilt as
 * connections come and go.
 */
interface TrackedSocket extends Socket {
  [connectionKey]?: Connection | undefined
}

export class Connection {
  readonly socket: Socket
  /** The responses that are not complete; more than one only with pipelining. */
  inFlight = 0
  /** The newest request in flight. */
  latest: ServerResponse | undefined = undefined
  /** Milliseconds on the monotonic clock at which that one began. */
  latestAt = 0
  /** Its place on the board; 0 is none. */
  readonly place: number
  /** Milliseconds on the monotonic clock since which no request is in flight. */
  idleSince: number
  /** True once it has brought a request. */
  used = false
  /** Set once it is no longer HTTP/1 (a WebSocket, say): it is not ours to close between requests. */
  upgrade: Upgrade | undefined = undefined
  /** Only with `request_timeout`, once it has brought a request. */
  turn: Turn | undefined = undefined
  /** Its neighbours in the list of those that are open. */
  previous: Connection | undefined = undefined
  next: Connection | undefined
  #bytesSeen: number | undefined

  constructor(socket: Socket, now: number, next: Connection | undefined, place: number) {
    this.socket = socket
    this.place = place
    this.idleSince = now
    this.next = next
  }

  /**
   * During a drain: a client that has begun to send is not idle, even if its request's head is not complete.
   * Nor is one that was silent for longer than it may be when this was first asked: Node itself closes those,
   * but not where it has a part of a head.
   */
  noticeBytes(now: number, idleLimit: number): void {
    const { bytesRead } = this.socket
    const hasSent =
      this.#bytesSeen === undefined
        ? this.used && now - this.idleSince > idleLimit
        : bytesRead !== this.#bytesSeen
    if (hasSent) this.idleSince = now
    this.#bytesSeen = bytesRead
  }
}

export class Connections {
  #first: Connection | undefined
  /** How many are open. */
  size = 0
  /** Requests that were answered or given up since the worker started. */
  finished = 0
  /** Requests in flight. */
  busy = 0
  #draining = false
  readonly #board: Board | undefined

  /** `board`: where the watchdog thread can read what is in flight. */
  constructor(board?: Board) {
    this.#board = board
  }

  add(socket: TrackedSocket): void {
    const connection = new Connection(socket, performance.now(), this.#first, this.#board?.claim() ?? 0)
    socket[connectionKey] = connection
    if (this.#first) this.#first.previous = connection
    this.#first = connection
    this.size += 1
  }

  remove(socket: TrackedSocket): void {
    const connection = socket[connectionKey]
    if (connection === undefined) return
    socket[connectionKey] = undefined
    const { previous, next } = connection
    if (previous) previous.next = next
    else this.#first = next
    if (next) next.previous = previous
    this.size -= 1
    this.#board?.release(connection.place)
  }

  /** The connection of a socket that is open. */
  of(socket: TrackedSocket): Connection | undefined {
    return socket[connectionKey]
  }

  /** Those that are open; who walks over them may close the one that it got. */
  *all(): Generator<Connection> {
    let connection = this.#first
    while (connection) {
      const { next } = connection
      yield connection
      connection = next
    }
  }

  /**
   * From now on each answer whose head is not sent yet says `Connection: close`: a client hears of the drain
   * with its very next one.
   */
  drain(): void {
    this.#draining = true
    for (const { latest } of this.all()) if (latest) latest.shouldKeepAlive = false
  }

  /** Answers the connection, if it is still open. */
  begin(response: ServerResponse, now: number): Connection | undefined {
    this.busy += 1
    if (this.#draining) response.shouldKeepAlive = false
    const connection = this.of(response.req.socket)
    if (connection === undefined) return undefined
    connection.used = true
    connection.inFlight += 1
    connection.latest = response
    connection.latestAt = now
    if (this.#board) {
      this.#board.busy = this.busy
      this.#board.post(connection.place, response.req, now)
    }
    return connection
  }

  /** The newest request in flight of each connection, oldest first. */
  inFlight(): readonly { readonly response: ServerResponse; readonly startedAt: number }[] {
    const found = [...this.all()].flatMap(({ latest, latestAt }) =>
      latest ? [{ response: latest, startedAt: latestAt }] : [],
    )
    return found.sort((one, other) => one.startedAt - other.startedAt)
  }

  /** Answers the connection, if it is still open. */
  finish(response: ServerResponse, now: number): Connection | undefined {
    this.busy -= 1
    this.finished += 1
    if (this.#board) this.#board.busy = this.busy
    const connection = this.of(response.req.socket)
    if (connection === undefined) return undefined
    connection.inFlight -= 1
    if (connection.latest === response) {
      connection.latest = undefined
      this.#board?.clear(connection.place)
    }
    connection.idleSince = now
    return connection
  }
}
