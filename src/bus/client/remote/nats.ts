// Runs in a process that uses the bus: carries its messages by a NATS server, with the official client.

import type * as Nats from '@nats-io/transport-node'
import { backgroundClock, wait } from '../../../os/system/clock.ts'
import { hasWildcard } from '../../model/topics.ts'
import {
  channels,
  incoming,
  unpackReply,
  whyDown,
  type Carrier,
  type CarrierOptions,
  type Reply,
} from './carrier.ts'

/** Milliseconds between two tries to connect. */
const retryInterval = 250
/** Of the processes that share requests. */
const queue = 'tsgun'

type Library = Pick<typeof Nats, 'connect' | 'NoRespondersError' | 'RequestError'>

export class NatsCarrier implements Carrier {
  readonly #options: CarrierOptions
  readonly #library: Library
  readonly #patterns = new Map<string, readonly Nats.Subscription[]>()
  #connection: Nats.NatsConnection | undefined
  #connected: () => void = () => undefined
  readonly #whenConnected = new Promise<void>((resolve) => (this.#connected = resolve))

  constructor(library: Library, options: CarrierOptions) {
    this.#library = library
    this.#options = options
    void this.#connect()
  }

  publish(topic: string, payload: Buffer): void {
    this.#connection?.publish(this.#subject(channels.message, topic), payload)
  }

  async flushed(): Promise<void> {
    await this.#connection?.flush()
  }

  async request(topic: string, payload: Buffer, timeout: number): Promise<Reply | undefined> {
    for (const channel of [channels.exact, channels.wildcard]) {
      const reply = await this.#ask(this.#subject(channel, topic), payload, timeout)
      if (reply !== 'unheard') return reply
    }
    return { as: 'unheard' }
  }

  subscribe(pattern: string): void {
    this.#patterns.set(pattern, this.#open(pattern))
  }

  unsubscribe(pattern: string): void {
    for (const subscription of this.#patterns.get(pattern) ?? []) subscription.unsubscribe()
    this.#patterns.delete(pattern)
  }

  async synced(): Promise<void> {
    await this.#whenConnected
    await this.#connection?.flush()
  }

  /** Tries until it is connected. The client connects again itself, unless it gives up for good. */
  async #connect(): Promise<never> {
    for (;;) {
      try {
        await this.#stayConnected()
        this.#options.handlers.onDown('the client has closed the connection')
      } catch (error) {
        this.#options.handlers.onDown(whyDown(error))
      }
      await wait(backgroundClock, retryInterval)
    }
  }

  /** Resolves when the connection is closed for good. Rejects with what is wrong with the first try. */
  async #stayConnected(): Promise<void> {
    const { url, handlers } = this.#options
    const { protocol, hostname, port, username, password } = new URL(url)
    const connection = await this.#library.connect({
      servers: `${hostname}:${port || '4222'}`,
      ...(protocol === 'tls:' ? { tls: tlsFor(hostname) } : {}),
      ...credentialsOf(decodeURIComponent(username), decodeURIComponent(password)),
      maxReconnectAttempts: -1,
      reconnectTimeWait: retryInterval,
      ignoreAuthErrorAbort: true,
    })
    this.#connection = connection
    for (const pattern of this.#patterns.keys()) this.#patterns.set(pattern, this.#open(pattern))
    this.#connected()
    handlers.onUp()
    for await (const status of connection.status()) this.#follow(status)
  }

  #follow(status: Nats.Status): void {
    const { handlers } = this.#options
    if (status.type === 'reconnect') handlers.onUp()
    if (status.type === 'disconnect') handlers.onDown('the connection was lost')
    if (status.type === 'error') handlers.onDown(whyDown(status.error))
  }

  async #ask(subject: string, payload: Buffer, timeout: number): Promise<Reply | 'unheard' | undefined> {
    if (this.#connection === undefined) return undefined
    try {
      const { data } = await this.#connection.request(subject, payload, { timeout })
      return unpackReply(Buffer.from(data))
    } catch (error) {
      const { NoRespondersError, RequestError } = this.#library
      if (error instanceof NoRespondersError) return 'unheard'
      if (error instanceof RequestError && error.isNoResponders()) return 'unheard'
      return undefined // too late; the caller has its own limit
    }
  }

  #open(pattern: string): readonly Nats.Subscription[] {
    const connection = this.#connection
    if (connection === undefined) return []
    const { handlers } = this.#options
    const requests = hasWildcard(pattern) ? channels.wildcard : channels.exact
    const topicOf = (message: Nats.Msg): string => message.subject.slice(this.#subject('x', '').length)
    return [
      connection.subscribe(this.#subject(channels.message, pattern), {
        callback: (error, message) => {
          if (!error) handlers.onMessage(topicOf(message), Buffer.from(message.data), pattern)
        },
      }),
      connection.subscribe(this.#subject(requests, pattern), {
        queue,
        callback: (error, message) => {
          if (error) return
          const respond = (bytes: Buffer): void => void message.respond(bytes)
          handlers.onRequest(incoming(topicOf(message), Buffer.from(message.data), respond))
        },
      }),
    ]
  }

  #subject(channel: string, topic: string): string {
    return `${this.#options.prefix}.${channel}.${topic}`
  }
}

/**
 * Goes to `tls.connect()`: the client names only hosts that are no addresses, and a certificate would have to
 * be that of `localhost` for all others.
 */
function tlsFor(hostname: string): Nats.TlsOptions & { readonly host: string } {
  return { host: hostname.replaceAll(/[[\]]/g, '') }
}

/** A user without a password is a token, as in the URLs of NATS. */
function credentialsOf(user: string, pass: string): Pick<Nats.ConnectionOptions, 'user' | 'pass' | 'token'> {
  if (user === '') return {}
  return pass === '' ? { token: user } : { user, pass }
}
