// Runs in a process that uses the bus: carries its messages by a Redis server, with the official client.
// Redis sends a request to all subscribers: the first that claims it handles it.

import { randomUUID } from 'node:crypto'
import type * as Redis from 'redis'
import { hasWildcard, matcherOf } from '../../model/topics.ts'
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
/** Milliseconds after which a claim of a request is forgotten. */
const claimTime = 60_000

type Library = Pick<typeof Redis, 'createClient'>
type Client = ReturnType<typeof Redis.createClient>

export class RedisCarrier implements Carrier {
  readonly #options: CarrierOptions
  readonly #out: Client
  readonly #into: Client
  readonly #me = randomUUID()
  readonly #waiting = new Map<number, (reply: Reply | undefined) => void>()
  #sent: Promise<unknown>[] = []
  #subscribing: Promise<unknown> = Promise.resolve()
  #lastId = 0
  readonly #up = new Set<Client>()

  constructor({ createClient }: Library, options: CarrierOptions) {
    this.#options = options
    const { url } = options
    const socket = { reconnectStrategy: () => retryInterval }
    // What waits for a connection waits where it is bounded.
    this.#out = createClient({ url, socket, disableOfflineQueue: true }) as Client
    this.#into = createClient({ url, socket }) as Client
    for (const client of [this.#out, this.#into]) this.#watch(client)
    this.#note(this.#into.subscribe(this.#channel(channels.reply, this.#me), this.#onReply, true))
  }

  publish(topic: string, payload: Buffer): void {
    this.#send(this.#channel(channels.message, topic), payload)
  }

  async flushed(): Promise<unknown> {
    const sent = this.#sent
    this.#sent = []
    return Promise.all(sent)
  }

  async request(topic: string, payload: Buffer, timeout: number): Promise<Reply | undefined> {
    const id = (this.#lastId = (this.#lastId + 1) % 2 ** 32)
    const envelope = Buffer.concat([Buffer.from(`${this.#me} ${id}\n`), payload])
    const replied = new Promise<Reply | undefined>((resolve) => void this.#waiting.set(id, resolve))
    const timer = setTimeout(() => this.#waiting.get(id)?.(undefined), timeout).unref()
    try {
      for (const channel of [channels.exact, channels.wildcard])
        if ((await this.#out.publish(this.#channel(channel, topic), envelope)) > 0) return await replied
      return { as: 'unheard' }
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(id)
    }
  }

  subscribe(pattern: string): void {
    const { handlers } = this.#options
    const matches = matcherOf(pattern)
    const onMessage = (payload: Buffer, channel: Buffer): void => {
      const topic = this.#topicOf(channel)
      if (matches(topic)) handlers.onMessage(topic, payload, pattern)
    }
    const onRequest = (envelope: Buffer, channel: Buffer): void => {
      const topic = this.#topicOf(channel)
      if (matches(topic)) void this.#claim(topic, envelope)
    }
    if (hasWildcard(pattern)) {
      this.#note(this.#into.pSubscribe(this.#glob(channels.message, pattern), onMessage, true))
      this.#note(this.#into.pSubscribe(this.#glob(channels.wildcard, pattern), onRequest, true))
    } else {
      this.#note(this.#into.subscribe(this.#channel(channels.message, pattern), onMessage, true))
      this.#note(this.#into.subscribe(this.#channel(channels.exact, pattern), onRequest, true))
    }
  }

  unsubscribe(pattern: string): void {
    if (hasWildcard(pattern)) {
      this.#note(this.#into.pUnsubscribe(this.#glob(channels.message, pattern)))
      this.#note(this.#into.pUnsubscribe(this.#glob(channels.wildcard, pattern)))
    } else {
      this.#note(this.#into.unsubscribe(this.#channel(channels.message, pattern)))
      this.#note(this.#into.unsubscribe(this.#channel(channels.exact, pattern)))
    }
  }

  async synced(): Promise<void> {
    await this.#subscribing
  }

  #send(channel: string, bytes: Buffer): void {
    const sent = this.#out.publish(channel, bytes)
    sent.catch(() => undefined) // who waits for it sees it too
    this.#sent.push(sent)
  }

  #watch(client: Client): void {
    const { handlers } = this.#options
    client.on('ready', () => {
      client.unref() // the bus keeps no process alive
      this.#up.add(client)
      if (this.#up.size === 2) handlers.onUp()
    })
    client.on('error', (error: unknown) => {
      this.#up.delete(client)
      handlers.onDown(whyDown(error))
    })
    client.connect().catch((error: unknown) => handlers.onDown(whyDown(error)))
  }

  /** A subscription that fails is made again by the client when it connects again. */
  #note(subscribed: Promise<unknown>): void {
    this.#subscribing = Promise.allSettled([this.#subscribing, subscribed])
  }

  readonly #onReply = (bytes: Buffer): void => {
    const end = bytes.indexOf('\n')
    this.#waiting.get(Number(bytes.toString('latin1', 0, end)))?.(unpackReply(bytes.subarray(end + 1)))
  }

  async #claim(topic: string, envelope: Buffer): Promise<void> {
    const end = envelope.indexOf('\n')
    const [asker = '', id = ''] = envelope.toString('latin1', 0, end).split(' ')
    try {
      const key = this.#channel('c', `${asker}.${id}`)
      const claimed = await this.#out.set(key, this.#me, {
        condition: 'NX',
        expiration: { type: 'PX', value: claimTime },
      })
      if (claimed === null) return
      const respond = (bytes: Buffer): void => {
        const reply = Buffer.concat([Buffer.from(`${id}\n`), bytes])
        this.#send(this.#channel(channels.reply, asker), reply)
      }
      this.#options.handlers.onRequest(incoming(topic, envelope.subarray(end + 1), respond))
    } catch (error) {
      this.#options.handlers.onDown(whyDown(error))
    }
  }

  #channel(channel: string, topic: string): string {
    return `${this.#options.prefix}.${channel}.${topic}`
  }

  /** A pattern of Redis that matches at least these topics. */
  #glob(channel: string, pattern: string): string {
    const escaped = pattern.replaceAll(/[?[\]\\^]/g, (character) => `\\${character}`).replaceAll('>', '*')
    return this.#channel(channel, escaped)
  }

  #topicOf(channel: Buffer): string {
    return channel.toString().slice(this.#channel('x', '').length)
  }
}
