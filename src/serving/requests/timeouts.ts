// Runs in a worker, only with `request_timeout`: which requests take too long. The connections that have a
// request stand in a list, the one that has waited longest first; one timer looks at its beginning. So a
// request costs no timer and no allocation.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { RequestHandler } from '../../app/model/app.ts'
import { timeOutRequest } from '../../app/requests/signal.ts'
import type { Connection } from '../connections/table.ts'
import { giveUp, leave } from './give-up.ts'
import { Overdue } from './overdue.ts'
import { Turn } from './turn.ts'

export interface RequestLimit {
  /** Milliseconds from the head of a request to the end of its response. */
  readonly limit: number
  /**
   * Told of each request whose time is over; `answered`: it got a 503, not only the end of its connection.
   */
  readonly onTimeout: (
    request: IncomingMessage,
    late: { readonly duration: number; readonly answered: boolean },
  ) => void
}

/** Milliseconds between two looks. */
const [shortestLook, longestLook] = [10, 1000]

export class RequestTimeouts {
  readonly #options: RequestLimit
  readonly #overdue = new Overdue()
  #first: Turn | undefined
  #last: Turn | undefined

  constructor(options: RequestLimit) {
    this.#options = options
    const interval = Math.min(longestLook, Math.max(shortestLook, options.limit / 10))
    // After a turn of the event loop: what has come while it was blocked may be the end of a request.
    setInterval(() => setImmediate(() => this.#sweep(performance.now())), interval).unref()
  }

  /** Requests whose time is over and which the app has not ended. */
  get overdue(): number {
    return this.#overdue.count()
  }

  /** A handler whose promises are known here. */
  watch(handle: RequestHandler, connectionOf: (socket: Socket) => Connection | undefined): RequestHandler {
    return (request, response) => {
      const result = handle(request, response)
      if (result === undefined) return
      const turn = connectionOf(request.socket)?.turn
      if (turn?.current === response) turn.result = result
    }
  }

  begin(connection: Connection, response: ServerResponse, now: number): void {
    const turn = (connection.turn ??= new Turn(connection.socket))
    if (turn.current) return void (turn.waiting ??= []).push(response)
    turn.current = response
    this.#append(turn, now)
  }

  finish({ turn }: Connection, response: ServerResponse, now: number): void {
    if (turn?.current !== response) return
    this.#remove(turn)
    turn.result = undefined
    turn.current = turn.waiting?.shift()
    if (turn.current) this.#append(turn, now)
  }

  /** The connection is gone, and with it what waited on it: Node 20 tells only the response that was next. */
  forget(turn: Turn): void {
    if (turn.current) this.#remove(turn)
    for (const response of turn.waiting ?? []) leave(response)
    turn.current = undefined
    turn.waiting = undefined
    turn.result = undefined
  }

  #sweep(now: number): void {
    const { limit } = this.#options
    while (this.#first && now - this.#first.since >= limit) this.#end(this.#first, now)
  }

  #end(turn: Turn, now: number): void {
    this.#remove(turn)
    turn.isOver = true
    const { current, waiting = [], result, socket } = turn
    if (current === undefined) return
    turn.current = undefined
    turn.waiting = undefined
    turn.result = undefined
    const answered = giveUp(current, socket)
    for (const response of waiting) leave(response)
    this.#overdue.add(current, result)
    this.#options.onTimeout(current.req, { duration: now - turn.since, answered })
    timeOutRequest(current.req) // last, because it runs code of the app
  }

  #append(turn: Turn, now: number): void {
    turn.since = now
    turn.previous = this.#last
    if (this.#last) this.#last.next = turn
    else this.#first = turn
    this.#last = turn
  }

  #remove(turn: Turn): void {
    const { previous, next } = turn
    if (previous) previous.next = next
    else this.#first = next
    if (next) next.previous = previous
    else this.#last = previous
    turn.previous = undefined
    turn.next = undefined
  }
}
