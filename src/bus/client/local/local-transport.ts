// Runs in a process that uses the bus: carries its messages to and from the broker of the server. What is
// published in one turn of the event loop is one write. While there is no broker messages wait, up to a
// limit; with a new connection the broker gets all topics again.

import { randomInt } from 'node:crypto'
import type { Clock } from '../../../os/system/clock.ts'
import { DropBursts } from '../../model/drop-bursts.ts'
import { limits } from '../../model/limits.ts'
import { Memo } from '../../model/memo.ts'
import { FrameQueue } from '../../wire/frame-queue.ts'
import { connectionAt, idAt, kindAt, kinds, payloadOf, topicAt, type Head } from '../../wire/frame.ts'
import { writeGreeting, type Greeting } from '../../wire/greeting.ts'
import type { NoReply, Transport, TransportHandlers } from '../transport.ts'
import type { ClientConnection, OpenConnection } from './connection.ts'
import { WantedTopics } from './wanted-topics.ts'

/** Milliseconds between two tries to connect. */
const [firstDelay, longestDelay] = [10, 250]
/** Topics whose bytes are remembered. */
const mostTopics = 1000
const nothing = Buffer.alloc(0)
const noReplies: Readonly<Record<NoReply, Head['kind']>> = {
  unheard: kinds.unheard,
  lost: kinds.lost,
  busy: kinds.busy,
}

export interface LocalOptions {
  /** Of the socket; empty: nothing is sent, for --check-config. */
  readonly path: string
  readonly greeting: Greeting
  /** Its timers do not keep the process alive. */
  readonly clock: Clock
  readonly connect: OpenConnection
  /** Calls back at the end of this turn of the event loop. */
  readonly later: (callback: () => void) => void
  /** This process has dropped messages because it could not send them in time. */
  readonly onDropped: (messages: number) => void
}

export class LocalTransport implements Transport {
  readonly #options: LocalOptions
  readonly #handlers: TransportHandlers
  /** The same for all connections: a reply finds its way through a broker that has taken over. */
  readonly #id = randomInt(1, 2 ** 48 - 1)
  readonly #out: FrameQueue
  readonly #topics = new WantedTopics()
  /** Topics as bytes. */
  readonly #bytes = new Memo<Buffer>(mostTopics, (topic) => Buffer.from(topic))
  #connection: ClientConnection | undefined
  #delay = 0
  #isScheduled = false
  #dropped = 0
  #syncs: { readonly id: number; readonly resolve: () => void }[] = []
  #lastSync = 0
  #sentSync = 0

  constructor(options: LocalOptions, handlers: TransportHandlers) {
    this.#options = options
    this.#handlers = handlers
    const drops = new DropBursts(options.clock, (messages) => {
      this.countDropped(messages)
      options.onDropped(messages)
    })
    this.#out = new FrameQueue(limits.outgoing, () => drops.note())
    this.#connect()
  }

  publish(topic: string, payload: Buffer): void {
    this.#send({ kind: kinds.message }, this.#bytes.of(topic), payload)
  }

  request(topic: string, payload: Buffer, id: number): void {
    this.#send({ kind: kinds.request, id }, this.#bytes.of(topic), payload)
  }

  subscribe(pattern: string): void {
    this.#topics.add(pattern)
    this.#schedule()
  }

  unsubscribe(pattern: string): void {
    this.#topics.delete(pattern)
    this.#schedule()
  }

  synced(): Promise<void> {
    if (this.#options.path === '') return Promise.resolve()
    const id = (this.#lastSync += 1)
    this.#schedule()
    return new Promise((resolve) => void this.#syncs.push({ id, resolve }))
  }

  countDropped(messages: number): void {
    this.#dropped += messages
    this.#schedule()
  }

  flush(): void {
    if (this.#connection?.isIdle !== true) return
    this.#writeControl(this.#connection)
    for (let block = this.#out.take(); block; block = this.#out.take()) this.#connection.write(block)
  }

  #send(head: Head, topic: Uint8Array, payload: Buffer): void {
    this.#out.write(head, topic, payload)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#options.later(() => {
      this.#isScheduled = false
      this.#write()
    })
  }

  /** One block at a time: what comes meanwhile waits where it can be dropped. */
  #write(): void {
    if (this.#connection?.isIdle !== true) return
    this.#writeControl(this.#connection)
    const block = this.#out.take()
    if (block) this.#connection.write(block)
  }

  #writeControl(connection: ClientConnection): void {
    const control = new FrameQueue(Infinity)
    const { subscribe, unsubscribe } = this.#topics.takeChanges()
    for (const topic of subscribe) control.write({ kind: kinds.subscribe }, Buffer.from(topic), nothing)
    for (const topic of unsubscribe) control.write({ kind: kinds.unsubscribe }, Buffer.from(topic), nothing)
    if (this.#lastSync > this.#sentSync)
      control.write({ kind: kinds.sync, id: this.#lastSync }, nothing, nothing)
    if (this.#dropped > 0) control.write({ kind: kinds.dropped, id: this.#dropped }, nothing, nothing)
    this.#sentSync = this.#lastSync
    this.#dropped = 0
    for (let block = control.take(); block; block = control.take()) connection.write(block)
  }

  #connect(): void {
    const { path, connect } = this.#options
    if (path === '') return
    this.#connection = connect(path, {
      greeting: () => this.#greet(),
      onOpen: () => this.#opened(),
      onFrame: (bytes, start, end) => this.#take(bytes, start, end),
      onIdle: () => this.#write(),
      onClose: (how) => this.#closed(how),
    })
  }

  #greet(): Buffer {
    const frames = new FrameQueue(Infinity)
    frames.write(
      { kind: kinds.greeting, connection: this.#id },
      nothing,
      writeGreeting(this.#options.greeting),
    )
    for (const topic of this.#topics.begin())
      frames.write({ kind: kinds.subscribe }, Buffer.from(topic), nothing)
    // All of these topics are known to the broker when it replies.
    this.#sentSync = this.#lastSync
    frames.write({ kind: kinds.sync, id: this.#lastSync }, nothing, nothing)
    return takeAll(frames)
  }

  #opened(): void {
    this.#delay = 0
    this.#resolveSyncs(this.#sentSync)
    this.#schedule()
  }

  #closed({ wasOpen, handedOver }: { readonly wasOpen: boolean; readonly handedOver: boolean }): void {
    this.#connection = undefined
    if (handedOver) this.#delay = 0
    else if (wasOpen) this.#handlers.onLost()
    this.#options.clock.after(this.#delay, () => this.#connect())
    this.#delay = Math.min(longestDelay, Math.max(firstDelay, this.#delay * 2))
  }

  #resolveSyncs(upTo: number): void {
    const done = this.#syncs.filter(({ id }) => id <= upTo)
    this.#syncs = this.#syncs.filter(({ id }) => id > upTo)
    for (const { resolve } of done) resolve()
  }

  #take(bytes: Buffer, start: number, end: number): void {
    const handlers = this.#handlers
    const id = idAt(bytes, start)
    switch (kindAt(bytes, start)) {
      case kinds.message:
        return handlers.onMessage(topicAt(bytes, start), payloadOf(bytes, start, end))
      case kinds.request:
        return this.#request(bytes, start, end)
      case kinds.reply:
        return handlers.onReply(id, payloadOf(bytes, start, end))
      case kinds.failure:
        return handlers.onFailure(id, payloadOf(bytes, start, end))
      case kinds.unheard:
        return handlers.onNoReply(id, 'unheard')
      case kinds.lost:
        return handlers.onNoReply(id, 'lost')
      case kinds.busy:
        return handlers.onNoReply(id, 'busy')
      case kinds.sync:
        return this.#resolveSyncs(id)
      default:
        return // of a later version
    }
  }

  #request(bytes: Buffer, start: number, end: number): void {
    const [connection, id] = [connectionAt(bytes, start), idAt(bytes, start)]
    const respond = (kind: Head['kind'], payload: Buffer): void =>
      this.#send({ kind, connection, id }, nothing, payload)
    this.#handlers.onRequest({
      topic: topicAt(bytes, start),
      payload: payloadOf(bytes, start, end),
      reply: (payload) => respond(kinds.reply, payload),
      fail: (error) => respond(kinds.failure, error),
      refuse: (why) => respond(noReplies[why], nothing),
    })
  }
}

function takeAll(frames: FrameQueue): Buffer {
  const blocks: Buffer[] = []
  for (let block = frames.take(); block; block = frames.take()) blocks.push(block)
  return Buffer.concat(blocks)
}
