// Runs in a process that uses the bus, with a server of Redis or NATS: what is to be sent waits here, up to a
// limit, until the server has taken what was sent before.

import type { Clock } from '../../../os/system/clock.ts'
import { DropBursts } from '../../model/drop-bursts.ts'
import { limits } from '../../model/limits.ts'
import { FrameQueue } from '../../wire/frame-queue.ts'
import { connectionAt, idAt, kindAt, kinds, payloadOf, topicAt } from '../../wire/frame.ts'
import { FrameSplitter } from '../../wire/frame-splitter.ts'
import type { Transport, TransportHandlers } from '../transport.ts'
import type { Carrier, CarrierHandlers } from './carrier.ts'

export interface RemoteOptions {
  readonly clock: Clock
  readonly later: (callback: () => void) => void
  readonly open: (handlers: CarrierHandlers) => Carrier
  readonly onDropped: (messages: number) => void
  /** Each time that the server cannot be reached any more, and when it can again. */
  readonly onOutage: (reason: string) => void
  readonly onRecovery: () => void
}

export class RemoteTransport implements Transport {
  readonly #options: RemoteOptions
  readonly #handlers: TransportHandlers
  readonly #carrier: Carrier
  readonly #out: FrameQueue
  #isUp = false
  #hasOutage = false
  #isSending = false

  constructor(options: RemoteOptions, handlers: TransportHandlers) {
    this.#options = options
    this.#handlers = handlers
    const drops = new DropBursts(options.clock, options.onDropped)
    this.#out = new FrameQueue(limits.outgoing, () => drops.note())
    this.#carrier = options.open({
      onMessage: handlers.onMessage,
      onRequest: handlers.onRequest,
      onUp: () => this.#up(),
      onDown: (reason) => this.#down(reason),
    })
  }

  publish(topic: string, payload: Buffer): void {
    this.#out.write({ kind: kinds.message }, Buffer.from(topic), payload)
    this.#schedule()
  }

  request(topic: string, payload: Buffer, id: number, timeout: number): void {
    this.#out.write({ kind: kinds.request, id, connection: timeout }, Buffer.from(topic), payload)
    this.#schedule()
  }

  subscribe(pattern: string): void {
    this.#carrier.subscribe(pattern)
  }

  unsubscribe(pattern: string): void {
    this.#carrier.unsubscribe(pattern)
  }

  synced(): Promise<void> {
    return this.#carrier.synced()
  }

  countDropped(): void {
    // it is in the error log
  }

  flush(): void {
    // what has been published in this turn; the system sends it
    const block = this.#isUp ? this.#out.take() : undefined
    if (block) this.#sendBlock(block)
  }

  #schedule(): void {
    if (this.#isUp && !this.#isSending) this.#options.later(() => void this.#send())
  }

  async #send(): Promise<void> {
    if (this.#isSending) return
    this.#isSending = true
    try {
      for (let block = this.#next(); block; block = this.#next()) {
        this.#sendBlock(block)
        await this.#carrier.flushed()
      }
    } catch {
      // The connection is lost, and with it what was sent: onDown says so, and onUp goes on.
    } finally {
      this.#isSending = false
    }
  }

  #next(): Buffer | undefined {
    return this.#isUp ? this.#out.take() : undefined
  }

  #sendBlock(block: Buffer): void {
    const splitter = new FrameSplitter((bytes, start, end) => {
      const [topic, payload] = [topicAt(bytes, start), payloadOf(bytes, start, end)]
      if (kindAt(bytes, start) === kinds.message) this.#carrier.publish(topic, payload)
      else void this.#ask(topic, payload, { id: idAt(bytes, start), timeout: connectionAt(bytes, start) })
    })
    splitter.push(block)
  }

  async #ask(
    topic: string,
    payload: Buffer,
    { id, timeout }: { readonly id: number; readonly timeout: number },
  ): Promise<void> {
    try {
      const reply = await this.#carrier.request(topic, payload, timeout)
      if (reply === undefined) return // the caller has the same limit
      if (reply.as === 'reply') this.#handlers.onReply(id, reply.payload)
      else if (reply.as === 'failure') this.#handlers.onFailure(id, reply.payload)
      else this.#handlers.onNoReply(id, reply.as)
    } catch {
      this.#handlers.onNoReply(id, 'lost')
    }
  }

  #up(): void {
    this.#isUp = true
    if (this.#hasOutage) this.#options.onRecovery()
    this.#hasOutage = false
    void this.#send()
  }

  #down(reason: string): void {
    this.#isUp = false
    if (!this.#hasOutage) this.#options.onOutage(reason)
    this.#hasOutage = true
  }
}
