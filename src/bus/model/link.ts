// Connects the `bus` that an app imports to the server that runs it. Any process.

import { GlobalLink } from '../../os/global-link.ts'

/** What a handler learns about a message besides its data. */
export interface BusMessage {
  /** The topic that it was published to. */
  readonly topic: string
  /** Whether the sender waits for what the handler returns. */
  readonly isRequest: boolean
}

/** May be async. What it returns is the reply to a request. */
export type BusHandler<Data> = (data: Data, message: BusMessage) => unknown

export interface SubscribeOptions {
  /**
   * For a handler that returns promises: how many messages it handles at the same time. With 1 the next one
   * waits until the promise has settled, so that their order is kept. Default: 1
   */
  readonly concurrency?: number | undefined
}

/** Made by `bus.subscribe`. */
export interface Subscription {
  readonly topic: string
  /** Resolves when messages that are published from then on arrive here. */
  readonly ready: Promise<void>
  /** The handler is not called any more. A second call does nothing. */
  unsubscribe(): void
}

export interface RequestOptions {
  /** Milliseconds to wait for the reply. Default: 5000 */
  readonly timeout?: number | undefined
  /** Ends the wait; the request is rejected with its reason. */
  readonly signal?: AbortSignal | undefined
}

export interface BusLink {
  readonly publish: (topic: string, data: unknown) => void
  readonly subscribe: (topic: string, handler: BusHandler<unknown>, options: SubscribeOptions) => Subscription
  readonly request: (topic: string, data: unknown, options: RequestOptions) => Promise<unknown>
}

export const busLink = new GlobalLink<BusLink>('tsgun.bus', 1, 'publish')
