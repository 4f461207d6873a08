// Runs in a worker, only with `request_timeout`: ends the requests that take too long. The streams that carry
// a request are in a list, the one that has waited longest first; one timer checks the start of the list. So
// a request costs no timer and no allocation.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { RequestHandler } from '../../app/model/app.ts'
import { timeOutRequest } from '../../app/requests/signal.ts'
import { afterReads } from '../../os/system/after-reads.ts'
import type { Stream } from '../connections/stream.ts'
import { LinkedList } from '../connections/list.ts'
import { Turn } from '../connections/turn.ts'
import { giveUp, leaveWaiting } from './give-up.ts'
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
    setInterval(() => afterReads(() => this.check(performance.now())), interval).unref()
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

  /** Called after the stream has taken the request. */
  begin(stream: Stream, response: ServerResponse, now: number): void {
    if (stream.current === response) this.#append((stream.turn ??= new Turn(stream)), response, now)
  }

  /** Called after the stream has moved on to its next request. */
  finish({ turn, current }: Stream, response: ServerResponse, now: number): void {
    if (turn?.current !== response) return
    this.#end(turn)
    if (current) this.#append(turn, current, now)
  }

  /** The stream is closed. */
  forget({ turn }: Stream): void {
    if (turn?.current) this.#end(turn)
  }

  /** Ends the requests that took too long at this moment. Its own timer calls this. */
  check(now: number): void {
    const { limit } = this.#options
    const turns = this.#turns // the app's code may end others of them
    for (let turn = turns.first; turn && now - turn.since >= limit; turn = turns.first)
      this.#giveUp(turn, now)
  }

  #giveUp(turn: Turn, now: number): void {
    const { current, result, since, stream } = turn
    this.#end(turn)
    stream.isOver = true
    if (current === undefined) return
    const responded = giveUp(current, stream.connection.socket)
    leaveWaiting(stream)
    this.#overdue.add(current, result)
    this.#options.onTimeout(current.req, { duration: now - since, responded })
    timeOutRequest(current.req) // last, because it runs code of the app
  }

  #append(turn: Turn, response: ServerResponse, now: number): void {
    turn.current = response
    turn.since = now
    this.#turns.append(turn)
  }

  #end(turn: Turn): void {
    this.#turns.remove(turn)
    turn.current = undefined
    turn.result = undefined
  }
}
