// Runs in a worker: at a drain WebSockets get a close frame, 1012 (Service Restart,
// https://www.iana.org/assignments/websocket). The peer replies with one, the app's library takes that for
// the peer's own close and ends the connection: a clean end for both sides, whatever the library. Libraries
// write a frame in one turn of the event loop, so one can be inserted between two turns.

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { watchPeer } from './abandoned.ts'
import type { Connection, Upgrade } from './connection.ts'
import { onFirstWrite, textOf } from './first-write.ts'
import type { Connections } from './table.ts'

const closeFrame = Buffer.from([0x88, 2, 1012 >> 8, 1012 & 0xff])

/** Called before the app gets the socket: the protocol is read from the head of the app's response. */
export function noteUpgrade(
  connection: Connection | undefined,
  { method = '', url = '' }: IncomingMessage,
): void {
  if (connection === undefined) return
  const upgrade: Upgrade = {
    request: `${method} ${url}`,
    since: performance.now(),
    isAnswered: false,
    isWebSocket: false,
    isClosing: false,
  }
  connection.upgrade = upgrade
  watchPeer(connection.socket)
  onFirstWrite(connection.socket, (head) => {
    upgrade.isAnswered = true
    upgrade.isWebSocket = isAcceptance(textOf(head))
  })
}

/** RFC 6455, 4.2.2. */
function isAcceptance(head: string): boolean {
  return /^HTTP\/1\.1 101 /.test(head) && /\r\nupgrade: *websocket\r\n/i.test(head)
}

/**
 * Closes the WebSockets of a worker that drains, a few at a time, so that their clients do not all reconnect
 * at the same moment.
 */
export class WebSocketClosing {
  readonly #connections: Connections
  readonly #until: number
  readonly #interval: number
  readonly #watched = new WeakSet<Socket>()

  /**
   * `until`: moment of the monotonic clock at which all have got their close frame. `interval`: milliseconds
   * between two calls of `sweep`.
   */
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
   * Those without a close frame. Where a stream is piped into the socket, as a proxy does, it is unknown
   * where a frame ends, so nothing may be inserted.
   */
  *#open(): Generator<Connection> {
    for (const connection of this.#connections.all()) {
      const { upgrade, socket } = connection
      if (!upgrade?.isWebSocket || upgrade.isClosing) continue
      if (socket.writable && socket.listenerCount('unpipe') === 0) yield connection
    }
  }

  /**
   * Notices a close frame, ours or the app's: an app that listens to `drainSignal` sends its own, and a
   * second one would violate the protocol.
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
      return Reflect.apply(write, socket, parameters) as boolean // the parameters of all overloads
    }
  }
}

/** A whole frame, or its first two bytes alone. */
function isCloseFrame(chunk: unknown): boolean {
  if (!(chunk instanceof Uint8Array) || chunk[0] !== 0x88) return false
  return chunk.length === 2 || chunk.length === 2 + (chunk[1] ?? 0)
}
