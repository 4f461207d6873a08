// Runs in a worker: WebSockets learn of a drain by a close frame, 1012 (Service Restart,
// https://www.iana.org/assignments/websocket). The peer answers it, the app's library takes that for the
// peer's wish to close and ends the connection: a clean end for both, without knowing the library. Libraries
// write a frame in one turn of the event loop, so that between two turns one can be added.

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Connection, Connections } from './table.ts'
import { onFirstWrite, textOf } from './upgrade-record.ts'

/** What is known of a connection that has left HTTP/1. */
export interface Upgrade {
  /** As `GET /chat`. */
  readonly request: string
  /** The answer has said so. */
  isWebSocket: boolean
  /** A close frame was written, by the app or by the server. Only watched during a drain. */
  isClosing: boolean
}

const closeFrame = Buffer.from([0x88, 2, 1012 >> 8, 1012 & 0xff])

/** Before the app has the socket: the protocol is read from the head of its answer. */
export function noteUpgrade(
  connection: Connection | undefined,
  { method = '', url = '' }: IncomingMessage,
): void {
  if (connection === undefined) return
  const upgrade: Upgrade = { request: `${method} ${url}`, isWebSocket: false, isClosing: false }
  connection.upgrade = upgrade
  onFirstWrite(connection.socket, (head) => {
    upgrade.isWebSocket = isAcceptance(textOf(head))
  })
}

/** RFC 6455, 4.2.2. */
function isAcceptance(head: string): boolean {
  return /^HTTP\/1\.1 101 /.test(head) && /\r\nupgrade: *websocket\r\n/i.test(head)
}

/**
 * Closes the WebSockets of a worker that drains, a few at a time: their clients come back all at once
 * otherwise.
 */
export class WebSocketClosing {
  readonly #connections: Connections
  readonly #until: number
  readonly #interval: number
  readonly #watched = new WeakSet<Socket>()

  /** Until a moment of the monotonic clock, if `sweep` is called so often, in milliseconds. */
  constructor(
    connections: Connections,
    { until, interval }: { readonly until: number; readonly interval: number },
  ) {
    this.#connections = connections
    this.#until = until
    this.#interval = interval
    for (const connection of this.#open()) this.#watch(connection)
  }

  sweep(now: number): void {
    const open = [...this.#open()]
    for (const connection of open) this.#watch(connection)
    const sweeps = Math.max(1, Math.ceil((this.#until - now) / this.#interval))
    for (const { socket } of open.slice(0, Math.ceil(open.length / sweeps))) socket.write(closeFrame)
  }

  /**
   * Those that were not told. Where another stream is piped into the socket, as a proxy does, nobody knows
   * where a frame ends.
   */
  *#open(): Generator<Connection> {
    for (const connection of this.#connections.all()) {
      const { upgrade, socket } = connection
      if (!upgrade?.isWebSocket || upgrade.isClosing) continue
      if (socket.writable && socket.listenerCount('unpipe') === 0) yield connection
    }
  }

  /**
   * Sees the close frame whoever writes it: an app that listens to `drainSignal` says its own goodbye, and
   * two would be a mistake.
   */
  #watch({ socket, upgrade }: Connection): void {
    if (upgrade === undefined || this.#watched.has(socket)) return
    this.#watched.add(socket)
    const { write } = socket
    socket.write = (...parameters: readonly unknown[]): boolean => {
      if (isCloseFrame(parameters[0])) {
        upgrade.isClosing = true
        socket.write = write
      }
      return Reflect.apply(write, socket, parameters) as boolean // its overloads are passed on as they came
    }
  }
}

/** A whole one, or its first two bytes alone. */
function isCloseFrame(chunk: unknown): boolean {
  if (!(chunk instanceof Uint8Array) || chunk[0] !== 0x88) return false
  return chunk.length === 2 || chunk.length === 2 + (chunk[1] ?? 0)
}
