// Runs in a worker, only with `request_timeout`: ends the requests that take too long. The streams that carry
// a request are in a list, the one that has waited longest first; one timer checks the start of the list. So
// a request costs no timer and no allocation.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { RequestHandler } from '../../app/model/app.ts'
import { timeOutRequest } from '../../app/requests/signal.ts'
import type { Stream } from '../connections/connection.ts'
import { LinkedList } from '../connections/list.ts'
import { Turn } from '../connections/turn.ts'
import { giveUp, leave } from './give-up.ts'
import { Overdue } from './overdue.ts'

export interface RequestLimit {
  /** Milliseconds from the head of a request to the end of its response. */
  readonly limit: number
  /** Called for each request that took too long; `responded`: it got a 503, not only a closed connection. */
  readonly onTimeout: (
    request: IncomingMessage,
    late: { readonly duration: number; readonly responded: boolean },
  ) => void
}

/** Milliseconds between two checks. */
const [shortestInterval, longestInterval] = [10, 1000]

export class RequestTimeouts {
  readonly #options: RequestLimit
  readonly #overdue = new Overdue()
  readonly #turns = new LinkedList<Turn>()

  constructor(options: RequestLimit) {
    this.#options = options
    const interval = Math.min(longestInterval, Math.max(shortestInterval, options.limit / 10))
    // After a turn of the event loop, because what arrived while it was blocked may end a request.
    setInterval(() => setImmediate(() => this.check(performance.now())), interval).unref()
  }

  /** Requests that took too long and that the app has not ended yet. */
  get overdue(): number {
    return this.#overdue.count()
  }

  /** Returns a handler that calls `handle` and keeps what it returns for the count of overdue requests. */
  watch(handle: RequestHandler, streamOf: (response: ServerResponse) => Stream | undefined): RequestHandler {
    return (request, response) => {
      const result = handle(request, response)
      if (result === undefined) return
      const turn = streamOf(response)?.turn
      if (turn?.current === response) turn.result = result
    }
  }

  begin(stream: Stream, response: ServerResponse, now: number): void {
    const turn = (stream.turn ??= new Turn(stream.connection.socket))
    if (turn.current) return void (turn.waiting ??= []).push(response)
    turn.current = response
    this.#append(turn, now)
  }

  finish({ turn }: Stream, response: ServerResponse, now: number): void {
    if (turn?.current !== response) return
    this.#turns.remove(turn)
    turn.result = undefined
    turn.current = turn.waiting?.shift()
    if (turn.current) this.#append(turn, now)
  }

  /**
   * The stream is closed, and with it all that waited on it: Node 20 closes only the response that was next.
   */
  forget({ turn }: Stream): void {
    if (turn === undefined) return
    if (turn.current) this.#turns.remove(turn)
    for (const response of turn.waiting ?? []) leave(response)
    turn.current = undefined
    turn.waiting = undefined
    turn.result = undefined
  }

  /** Ends the requests that took too long at this moment. Its own timer calls this. */
  check(now: number): void {
    const { limit } = this.#options
    const turns = this.#turns // the app's code may end others of them
    for (let turn = turns.first; turn && now - turn.since >= limit; turn = turns.first) this.#end(turn, now)
  }

  #end(turn: Turn, now: number): void {
    this.#turns.remove(turn)
    turn.isOver = true
    const { current, waiting = [], result, socket } = turn
    if (current === undefined) return
    turn.current = undefined
    turn.waiting = undefined
    turn.result = undefined
    const responded = giveUp(current, socket)
    for (const response of waiting) leave(response)
    this.#overdue.add(current, result)
    this.#options.onTimeout(current.req, { duration: now - turn.since, responded })
    timeOutRequest(current.req) // last, because it runs code of the app
  }

  #append(turn: Turn, now: number): void {
    turn.since = now
    this.#turns.append(turn)
  }
}
