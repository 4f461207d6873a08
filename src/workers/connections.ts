// Runs in a worker: every open connection with what it is doing, so that a drain knows which ones are idle, and since when.

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'

export class Connection {
  readonly socket: Socket
  /** The responses that are not complete; more than one only with pipelining. */
  inFlight = 0
  /** The newest request in flight. */
  latest: ServerResponse | undefined
  /** Milliseconds on the monotonic clock since which no request is in flight. */
  idleSince: number
  /** True once it has brought a request. */
  used = false
  /** True once it is no longer HTTP/1 (a WebSocket, say): it is not ours to close between requests. */
  upgraded = false
  #bytesSeen: number | undefined

  constructor(socket: Socket, now: number) {
    this.socket = socket
    this.idleSince = now
  }

  /** During a drain: a client that has begun to send is not idle, even if its request's head is not complete. */
  noticeBytes(now: number): void {
    const { bytesRead } = this.socket
    if (bytesRead !== this.#bytesSeen && this.#bytesSeen !== undefined) this.idleSince = now
    this.#bytesSeen = bytesRead
  }
}

export class Connections {
  readonly #open = new Map<Socket, Connection>()
  /** Requests that were answered or given up since the worker started. */
  finished = 0
  /** Requests in flight. */
  busy = 0
  #draining = false

  get size(): number {
    return this.#open.size
  }

  add(socket: Socket): void {
    this.#open.set(socket, new Connection(socket, performance.now()))
  }

  remove(socket: Socket): void {
    this.#open.delete(socket)
  }

  of(socket: Socket): Connection | undefined {
    return this.#open.get(socket)
  }

  all(): IterableIterator<Connection> {
    return this.#open.values()
  }

  /** From now on each answer whose head is not sent yet says `Connection: close`: a client hears of the drain with its very next one. */
  drain(): void {
    this.#draining = true
    for (const { latest } of this.#open.values()) if (latest) latest.shouldKeepAlive = false
  }

  begin(response: ServerResponse): void {
    this.busy += 1
    if (this.#draining) response.shouldKeepAlive = false
    const connection = this.#open.get(response.req.socket)
    if (connection === undefined) return
    connection.used = true
    connection.inFlight += 1
    connection.latest = response
  }

  finish(response: ServerResponse, now: number): void {
    this.busy -= 1
    this.finished += 1
    const connection = this.#open.get(response.req.socket)
    if (connection === undefined) return
    connection.inFlight -= 1
    if (connection.latest === response) connection.latest = undefined
    connection.idleSince = now
  }
}
