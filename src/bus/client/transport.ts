// What carries the messages of a process: the local broker, Redis or NATS. Types only.

/** A request as it has arrived. */
export interface IncomingRequest {
  readonly topic: string
  readonly payload: Buffer
  /** One of them is called once. */
  readonly reply: (payload: Buffer) => void
  readonly fail: (error: Buffer) => void
  /** It is not handled here. */
  readonly refuse: (why: Exclude<NoReply, 'lost'>) => void
}

/** Why a request has got no reply of its handler. */
export type NoReply = 'unheard' | 'lost' | 'busy'

export interface TransportHandlers {
  /** Payloads have to be read or copied at once. */
  /** `pattern`: only for the subscriptions with it; absent: for all that match. */
  readonly onMessage: (topic: string, payload: Buffer, pattern?: string) => void
  readonly onRequest: (request: IncomingRequest) => void
  /** To the request of this number; unknown numbers are ignored. */
  readonly onReply: (id: number, payload: Buffer) => void
  readonly onFailure: (id: number, error: Buffer) => void
  readonly onNoReply: (id: number, why: NoReply) => void
  /** Replies to all requests that were sent so far are lost. */
  readonly onLost: () => void
}

export interface Transport {
  publish(topic: string, payload: Buffer): void
  /** `timeout`: milliseconds. */
  request(topic: string, payload: Buffer, id: number, timeout: number): void
  /** The first subscription of this process to this topic, which may have wildcards. */
  subscribe(pattern: string): void
  /** The last one has ended. */
  unsubscribe(pattern: string): void
  /** Resolves when all subscriptions up to now have an effect. */
  synced(): Promise<void>
  /** Messages were dropped in this process, because a handler was too slow. */
  countDropped(messages: number): void
  /** The process exits: sends what can be sent without waiting. */
  flush(): void
}
