// Runs in a worker: the requests in flight on one connection, in the order in which they are answered. The
// one on the wire is the oldest, and what arrives now belongs to the newest.

import { executionAsyncId } from 'node:async_hooks'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Forwarding } from '../forwarded/forwarding.ts'
import type { Board } from './board.ts'
import { announcesClose } from './response-head.ts'
import type { Turn } from './turn.ts'

/** What its requests need to know of a connection. */
export interface Carrier {
  readonly socket: Socket
  /** Requests in flight. */
  inFlight: number
  /** Milliseconds on the monotonic clock since which no request is in flight. */
  idleSince: number
  /** True from its first request on. */
  used: boolean
  /** What is done with requests that may come from a proxy. */
  readonly forwarding: Forwarding | undefined
  /** The connection that carries it, for a stream of HTTP/2. */
  readonly parent?: Carrier | undefined
}

/** A request in flight. */
export interface Exchange {
  readonly response: ServerResponse
  /** Milliseconds on the monotonic clock. */
  readonly startedAt: number
}

/** A request behind another one (pipelining). */
interface Waiting extends Exchange {
  /** Its place on the board; 0 means that it has none. */
  readonly place: number
}

/**
 * Carries requests one after another. An HTTP/1 connection has one stream for all of its requests, so that a
 * request costs no allocation.
 */
export class Stream {
  readonly connection: Carrier
  /** Its place on the board, for a request that waits for no other; 0 means that it has none. */
  readonly place: number
  /** The oldest request in flight: its response is on the wire, or the next to be. */
  current: ServerResponse | undefined = undefined
  /** Milliseconds on the monotonic clock at which that one began. */
  startedAt = 0
  /** The requests behind it, in their order; undefined when there are none. */
  waiting: readonly Waiting[] | undefined = undefined
  /**
   * The newest request, as long as it is in flight or its body is incomplete. What arrives now may be a part
   * of that body, also after the response: an app may refuse an upload early.
   */
  newest: ServerResponse | undefined = undefined
  /** It takes no more requests: how it ends is decided. */
  isOver = false
  /** Only when it is over: called after each request that has ended. */
  afterEach: (() => void) | undefined = undefined
  /** The async id of Node in which the handlers of its requests are called: the same for all of them. */
  asyncId = 0
  /** Only with `request_timeout`, from the first request on. */
  turn: Turn | undefined = undefined
  /** The place on the board of `current` if it has waited for another request, else 0. */
  #claimed = 0

  constructor(connection: Carrier, place: number) {
    this.connection = connection
    this.place = place
  }

  /** The request in flight that will be answered last. */
  get last(): ServerResponse | undefined {
    return this.waiting?.at(-1)?.response ?? this.current
  }

  /**
   * Whether a request that has just arrived is not to be processed: the end is decided, or a response before
   * it tells the client that the connection ends (RFC 9112, 9.6).
   */
  get takesNone(): boolean {
    if (this.current === undefined) return this.isOver
    return this.isOver || (this.last !== undefined && announcesClose(this.last))
  }

  /** The requests in flight, oldest first. */
  inFlight(): readonly Exchange[] {
    const { current: response, startedAt, waiting = [] } = this
    return response ? [{ response, startedAt }, ...waiting] : []
  }

  /** Whether the request is in flight. */
  carries(response: ServerResponse): boolean {
    if (this.current === undefined || this.current === response) return this.current === response
    return this.waiting?.some((request) => request.response === response) === true
  }

  /** It takes no more requests: the one that has begun last is its last. */
  end(): void {
    this.isOver = true
  }

  begin(response: ServerResponse, now: number, board: Board | undefined): void {
    this.newest = response
    if (this.current) {
      const place = board?.claim() ?? 0
      board?.post(place, response.req, now)
      this.waiting = [...(this.waiting ?? []), { response, startedAt: now, place }]
      return
    }
    this.current = response
    this.startedAt = now
    this.asyncId = executionAsyncId()
    board?.post(this.place, response.req, now)
  }

  finish(response: ServerResponse, board: Board | undefined): void {
    if (this.newest === response && response.req.complete) this.newest = undefined
    if (this.current === response) this.#next(board)
    else if (this.waiting) this.#stopWaiting(this.waiting, response, board)
  }

  /** The connection is closed: its places are free again. */
  release(board: Board): void {
    const { place, waiting = [] } = this
    for (const one of [place, this.#claimed, ...waiting.map((request) => request.place)]) board.release(one)
  }

  #next(board: Board | undefined): void {
    if (this.#claimed > 0) board?.release(this.#claimed)
    else board?.clear(this.place)
    const [next, ...waiting] = this.waiting ?? none
    this.current = next?.response
    this.startedAt = next?.startedAt ?? 0
    this.#claimed = next?.place ?? 0
    this.waiting = waiting.length > 0 ? waiting : undefined
  }

  /** A request has ended before its turn: the app has destroyed its response. */
  #stopWaiting(waiting: readonly Waiting[], response: ServerResponse, board: Board | undefined): void {
    const left = waiting.filter((request) => request.response !== response)
    for (const request of waiting) if (request.response === response) board?.release(request.place)
    this.waiting = left.length > 0 ? left : undefined
  }
}

const none: readonly Waiting[] = []
