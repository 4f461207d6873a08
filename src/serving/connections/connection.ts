// Runs in a worker: one open connection, and the stream on it that carries its requests. The rest of
// `serving` counts, shows, times and drains streams.

import type { ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import type { Forwarding } from '../forwarded/forwarding.ts'
import { Stream } from './stream.ts'

/** A connection that has left HTTP/1. */
export interface Upgrade {
  /** Method and path, for example `GET /chat`. */
  readonly request: string
  /** Milliseconds on the monotonic clock. */
  readonly since: number
  /** The app has begun to write. */
  isAnswered: boolean
  /** The app has accepted it as a WebSocket. */
  isWebSocket: boolean
  /** A close frame was written, by the app or by the server. Only known during a drain. */
  isClosing: boolean
}

export class Connection {
  /** With TLS the socket above that of the connection, once it is secure. */
  socket: Socket
  readonly stream: Stream
  /** Requests in flight. */
  inFlight = 0
  /** Milliseconds on the monotonic clock since which no request is in flight. */
  idleSince: number
  /** True from its first request on. */
  used = false
  /** What is done with requests that may come from a proxy; undefined: nothing. */
  forwarding: Forwarding | undefined = undefined
  /** Set when it leaves HTTP/1, for example for a WebSocket: then it may be in use without a request. */
  upgrade: Upgrade | undefined = undefined
  /** Set when it carries HTTP/2. */
  session: ServerHttp2Session | undefined = undefined
  /** Open streams of HTTP/2. */
  streams = 0
  /** Its neighbours in the list of open connections. */
  previous: Connection | undefined = undefined
  next: Connection | undefined = undefined
  #bytesSeen: number | undefined = undefined

  /** For a stream of HTTP/2: the connection that carries it. The stream is not counted as a connection. */
  readonly parent: Connection | undefined

  constructor(socket: Socket, now: number, place: number, parent?: Connection) {
    this.socket = socket
    this.parent = parent
    this.idleSince = now
    this.stream = new Stream(this, place)
  }

  /**
   * During a drain: a client that has begun to send is not idle, even if the head of its request is not
   * complete. The first call also spares a connection that was idle for longer than `idleLimit`: Node itself
   * closes those, unless it has received a part of a head.
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
