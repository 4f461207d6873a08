// Runs in a process that uses the bus: one subscription. Messages are handled in their order. While a handler
// that returns promises is at its limit they wait here, and the oldest are dropped.

import { AsyncLocalStorage } from 'node:async_hooks'
import { types } from 'node:util'
import { limits } from '../model/limits.ts'
import type { BusHandler } from '../model/link.ts'
import { payloadOf, kinds, topicAt } from '../wire/frame.ts'
import { FrameQueue } from '../wire/frame-queue.ts'
import { decode, encode, encodeThrown } from '../wire/payload.ts'
import type { IncomingRequest } from './transport.ts'

export interface SubscriberReports {
  /** The handler has failed on a message. */
  readonly onFailure: (topic: string, error: unknown) => void
  /** A message was dropped, because the handler is too slow. */
  readonly onDrop: (topic: string) => void
}

export class Subscriber {
  readonly topic: string
  readonly #handler: BusHandler<unknown>
  readonly #concurrency: number
  readonly #reports: SubscriberReports
  /** The handler runs in the context in which it was subscribed, and not in that of a connection. */
  readonly #inContext = AsyncLocalStorage.snapshot()
  #waiting: FrameQueue | undefined
  #running = 0
  #openRequests = 0
  #isOver = false

  constructor(topic: string, handler: BusHandler<unknown>, concurrency: number, reports: SubscriberReports) {
    this.topic = topic
    this.#handler = handler
    this.#concurrency = concurrency
    this.#reports = reports
  }

  end(): void {
    this.#isOver = true
    this.#waiting = undefined
  }

  message(topic: string, payload: Buffer): void {
    if (this.#isOver) return
    if (this.#running < this.#concurrency) return this.#handle(topic, payload)
    this.#waiting ??= new FrameQueue(limits.perSubscription, () => this.#reports.onDrop(this.topic))
    this.#waiting.write({ kind: kinds.message }, Buffer.from(topic), payload)
  }

  request(request: IncomingRequest): void {
    if (this.#openRequests >= limits.openRequests) return request.refuse('busy')
    this.#openRequests += 1
    void this.#respond(request)
  }

  #handle(topic: string, payload: Buffer): void {
    try {
      const result = this.#call(topic, payload, false)
      if (isThenable(result)) this.#follow(topic, result)
    } catch (error) {
      this.#reports.onFailure(topic, error)
    }
  }

  #call(topic: string, payload: Buffer, isRequest: boolean): unknown {
    return this.#inContext(this.#handler, decode(payload), { topic, isRequest })
  }

  #follow(topic: string, result: PromiseLike<unknown>): void {
    this.#running += 1
    const next = (): void => {
      this.#running -= 1
      this.#handleWaiting()
    }
    result.then(next, (error: unknown) => {
      this.#reports.onFailure(topic, error)
      next()
    })
  }

  #handleWaiting(): void {
    while (this.#running < this.#concurrency) {
      const frame = this.#waiting?.takeOne()
      if (frame === undefined) return
      this.#handle(topicAt(frame, 0), payloadOf(frame, 0, frame.length))
    }
  }

  async #respond({ topic, payload, reply, fail }: IncomingRequest): Promise<void> {
    try {
      // Encoded here: what cannot be cloned is an error of the request.
      reply(encode(await this.#call(topic, payload, true), 'the reply'))
    } catch (error) {
      fail(encodeThrown(error))
    } finally {
      this.#openRequests -= 1
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (types.isPromise(value)) return true
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
