// The `bus` that users import. Any process. Only the types and the way to the link: what sends and receives
// is loaded by the processes of a server at the first call.

import {
  busLink,
  type BusHandler,
  type BusLink,
  type RequestOptions,
  type SubscribeOptions,
  type Subscription,
} from './link.ts'

export interface Bus {
  /**
   * Sends `data` as a structured clone to all processes that have subscribed to `topic`, this one included.
   * It returns at once and never waits; delivery is at most once, in the order of the calls. Throws a
   * TypeError for a topic with wildcards or data that cannot be cloned, and a RangeError for more than 1 MB.
   */
  publish(topic: string, data?: unknown): void
  /**
   * Calls the handler with each message to `topic`, whose segments are separated by "."; "*" stands for one
   * segment, and ">" at the end for one or more. An error of the handler is written to the error log, or sent
   * to the process that has made the request.
   */
  subscribe<Data = unknown>(
    topic: string,
    handler: BusHandler<Data>,
    options?: SubscribeOptions,
  ): Subscription
  /**
   * Sends `data` to one of the processes that have subscribed to `topic`, and resolves with what its handler
   * returns. Rejects with the error that the handler has thrown, or with a `BusError` when there is no
   * subscriber, no reply in time, or the process of the handler ends.
   */
  request<Reply = unknown>(topic: string, data?: unknown, options?: RequestOptions): Promise<Reply>
}

/**
 * Messages between all processes of a server: workers, their threads, tasks, and, during an upgrade, those of
 * both masters. See docs/run/bus.md. Outside of a server each call throws an Error.
 */
export const bus: Bus = {
  publish(topic, data) {
    linked().publish(topic, data)
  },
  subscribe(topic, handler, options = {}) {
    // The type of the data is the promise of the caller.
    return linked().subscribe(topic, handler as BusHandler<unknown>, options)
  },
  async request<Reply>(topic: string, data?: unknown, options: RequestOptions = {}) {
    return (await linked().request(topic, data, options)) as Reply // as the caller says
  },
}

function linked(): BusLink {
  const link = busLink.find()
  if (link) return link
  throw new Error(
    'this process has no bus: workers and task processes of a tsgun server have one, the master and ' +
      'preload() have none; start the program with "tsgun -c server.config.ts"',
  )
}
