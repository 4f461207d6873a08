// Runs in a process that uses the bus: what `bus` calls. How messages travel is the part of the transport.

import type { Clock } from '../../os/system/clock.ts'
import { defaultTimeout } from '../model/limits.ts'
import type { BusHandler, BusLink, RequestOptions, SubscribeOptions, Subscription } from '../model/link.ts'
import { Memo } from '../model/memo.ts'
import { checkPattern, checkTopic } from '../model/topics.ts'
import { encode } from '../wire/payload.ts'
import { Requests, type CallSite } from './requests.ts'
import { Subscriber, type SubscriberReports } from './subscriber.ts'
import { Subscriptions } from './subscriptions.ts'
import type { IncomingRequest, Transport, TransportHandlers } from './transport.ts'

/** More topics are checked again. */
const mostRemembered = 10_000

export interface ClientOptions {
  readonly clock: Clock
  readonly open: (handlers: TransportHandlers) => Transport
  readonly reports: SubscriberReports
}

export class BusClient implements BusLink {
  readonly #subscriptions = new Subscriptions()
  readonly #requests: Requests
  readonly #transport: Transport
  readonly #reports: SubscriberReports
  /** Topics that are valid; the others throw. */
  readonly #checked = new Memo(mostRemembered, (topic) => {
    checkTopic(topic)
    return true
  })

  constructor({ clock, open, reports }: ClientOptions) {
    const requests = new Requests(clock)
    this.#requests = requests
    this.#reports = reports
    this.#transport = open({
      onMessage: (topic, payload, pattern) => this.#onMessage(topic, payload, pattern),
      onRequest: (request) => this.#onRequest(request),
      onReply: (id, payload) => requests.reply(id, payload),
      onFailure: (id, payload) => requests.failure(id, payload),
      onNoReply: (id, why) => requests.noReply(id, why),
      onLost: () => requests.lost(),
    })
  }

  readonly publish = (topic: string, data: unknown): void => {
    this.#checked.of(topic)
    this.#transport.publish(topic, encode(data))
  }

  readonly subscribe = (
    topic: string,
    handler: BusHandler<unknown>,
    { concurrency = 1 }: SubscribeOptions,
  ): Subscription => {
    checkPattern(topic)
    checkHandler(handler, concurrency)
    const subscriber = new Subscriber(topic, handler, concurrency, this.#reports)
    if (this.#subscriptions.add(subscriber)) this.#transport.subscribe(topic)
    const transport = this.#transport
    return {
      topic,
      get ready() {
        return transport.synced()
      },
      unsubscribe: () => this.#unsubscribe(subscriber),
    }
  }

  readonly request = (topic: string, data: unknown, options: RequestOptions): Promise<unknown> => {
    const site = callSite()
    return new Promise((resolve, reject) => {
      this.#send({ topic, site, resolve, reject }, data, options)
    })
  }

  /** The process exits. */
  flush(): void {
    this.#transport.flush()
  }

  #send(
    call: Parameters<Requests['add']>[0],
    data: unknown,
    { timeout = defaultTimeout, signal }: RequestOptions,
  ): void {
    const { topic } = call
    this.#checked.of(topic)
    if (!(timeout > 0))
      throw new RangeError(`the timeout of a request is ${timeout}, not milliseconds over 0`)
    if (signal?.aborted) return call.reject(signal.reason)
    const payload = encode(data)
    const id = this.#requests.add(signal ? this.#abortable(call, signal, () => id) : call, timeout)
    this.#transport.request(topic, payload, id, timeout)
  }

  /** The same call, which listens to a signal while it waits. */
  #abortable<Call extends Parameters<Requests['add']>[0]>(
    call: Call,
    signal: AbortSignal,
    id: () => number,
  ): Call {
    const onAbort = (): void => this.#requests.cancel(id(), signal.reason)
    signal.addEventListener('abort', onAbort)
    const after =
      <Value>(settle: (value: Value) => void) =>
      (value: Value): void => {
        signal.removeEventListener('abort', onAbort)
        settle(value)
      }
    return { ...call, resolve: after(call.resolve), reject: after(call.reject) }
  }

  #unsubscribe(subscriber: Subscriber): void {
    subscriber.end()
    if (this.#subscriptions.delete(subscriber)) this.#transport.unsubscribe(subscriber.topic)
  }

  #onMessage(topic: string, payload: Buffer, pattern: string | undefined): void {
    for (const subscriber of this.#subscriptions.find(topic))
      if (pattern === undefined || subscriber.topic === pattern) subscriber.message(topic, payload)
  }

  /** The first one that has subscribed to exactly this topic, or the first one at all. */
  #onRequest(request: IncomingRequest): void {
    const [subscriber] = this.#subscriptions.find(request.topic)
    if (subscriber) subscriber.request(request)
    else request.refuse('unheard') // it has just unsubscribed
  }
}

/** The caller may be JavaScript. */
function checkHandler(handler: unknown, concurrency: number): void {
  if (typeof handler !== 'function') throw new TypeError('the handler of a subscription is not a function')
  if (!(concurrency >= 1))
    throw new RangeError(`the concurrency of a subscription is ${concurrency}, not a number from 1`)
}

function callSite(): CallSite {
  const site = { stack: '' }
  Error.captureStackTrace(site, callSite)
  return site
}
