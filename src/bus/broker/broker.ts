// Runs in the broker: what becomes of each frame that a client has sent. Pure, but for the queues of the
// clients. Only heads are read; bytes are passed on as they are, and those of neighbours together.

import { limits } from '../model/limits.ts'
import {
  connectionAt,
  idAt,
  kindAt,
  kinds,
  payloadOf,
  rawTopicAt,
  setConnection,
  type Head,
} from '../wire/frame.ts'
import { readGreeting } from '../wire/greeting.ts'
import { BadFrame } from '../wire/frame-splitter.ts'
import { Client, type ClientOutput } from './client.ts'
import { Routes } from './routes.ts'

const nothing = Buffer.alloc(0)

/** Since the start of this process. */
export interface BrokerFigures {
  readonly published: number
  readonly delivered: number
  readonly dropped: number
  readonly clients: number
  readonly subscriptions: number
}

/** Frames of one client, one behind the other, that go to the same clients. */
interface Run {
  readonly bytes: Buffer
  readonly targets: readonly Client[]
  readonly start: number
  end: number
  frames: number
}

export interface BrokerOptions {
  /** A message for this client was dropped. */
  readonly onDrop: (client: Client) => void
  /** Clients that greet now wait for `open`. */
  readonly isOpen: boolean
}

export class Broker {
  readonly #onDrop: BrokerOptions['onDrop']
  readonly #clients = new Map<number, Client>()
  readonly #routes = new Routes<Client>()
  readonly #counts = { published: 0, delivered: 0, dropped: 0 }
  #isOpen: boolean
  #run: Run | undefined
  #turn = 0

  constructor({ onDrop, isOpen }: BrokerOptions) {
    this.#onDrop = onDrop
    this.#isOpen = isOpen
  }

  get clients(): readonly Client[] {
    return [...this.#clients.values()]
  }

  figures(): BrokerFigures {
    return { ...this.#counts, clients: this.#clients.size, subscriptions: this.#routes.size }
  }

  /** From now on clients may publish: those that were to come back had the time for it. */
  open(): void {
    this.#isOpen = true
    for (const client of this.clients) if (client.greetedWith !== undefined) this.#welcome(client)
  }

  /** A connection; it becomes a client by its greeting. */
  connect(output: ClientOutput): Client {
    return new Client(output, limits.perSubscriber, (client) => {
      this.#counts.dropped += 1
      this.#onDrop(client)
    })
  }

  close(client: Client): void {
    this.#endRun()
    for (const topic of client.topics) this.#routes.delete(topic, client)
    if (this.#clients.get(client.id) === client) this.#clients.delete(client.id)
    for (const { connection, id } of client.openRequests()) this.#tell(connection, { kind: kinds.lost, id })
  }

  /** Throws a BadFrame. */
  take(client: Client, bytes: Buffer, start: number, end: number): void {
    const kind = kindAt(bytes, start)
    if (kind === kinds.message) return this.#publish(bytes, start, end)
    this.#endRun() // so that all frames of a client keep their order
    if (kind === kinds.greeting) return this.#greet(client, bytes, start, end)
    if (client.id === 0) throw new BadFrame('the first frame is no greeting')
    this.#takeOther(client, kind, { bytes, start, end })
  }

  /** All that has arrived at once was taken. */
  endOfChunk(): void {
    this.#endRun()
  }

  #takeOther(
    client: Client,
    kind: number,
    { bytes, start, end }: { readonly bytes: Buffer; readonly start: number; readonly end: number },
  ): void {
    switch (kind) {
      case kinds.request:
        return this.#request(client, bytes, start, end)
      case kinds.reply:
      case kinds.failure:
      case kinds.unheard:
      case kinds.busy:
        return this.#reply(client, bytes, start, end)
      case kinds.subscribe:
        return this.#subscribe(client, rawTopicAt(bytes, start))
      case kinds.unsubscribe:
        return this.#unsubscribe(client, rawTopicAt(bytes, start))
      case kinds.sync:
        return this.#sync(client, idAt(bytes, start))
      case kinds.dropped:
        return void (this.#counts.dropped += idAt(bytes, start))
      default:
        throw new BadFrame(`a frame of the unknown kind ${kind}`)
    }
  }

  #publish(bytes: Buffer, start: number, end: number): void {
    this.#counts.published += 1
    const targets = this.#routes.find(rawTopicAt(bytes, start))
    const run = this.#run
    if (run?.targets === targets && run.bytes === bytes && run.end === start) {
      run.end = end
      run.frames += 1
      return
    }
    this.#endRun()
    if (targets.length > 0) this.#run = { bytes, targets, start, end, frames: 1 }
  }

  #endRun(): void {
    const run = this.#run
    if (run === undefined) return
    this.#run = undefined
    for (const target of run.targets) target.append(run.bytes, run.start, run.end)
    this.#counts.delivered += run.frames * run.targets.length
  }

  #greet(client: Client, bytes: Buffer, start: number, end: number): void {
    const greeting = readGreeting(payloadOf(bytes, start, end))
    const id = connectionAt(bytes, start)
    if (greeting === undefined || !Number.isSafeInteger(id) || id <= 0 || client.id !== 0)
      throw new BadFrame('a greeting of another version')
    client.greet(id, greeting)
    this.#clients.set(id, client) // perhaps in place of its connection before, whose end is not known yet
  }

  #request(client: Client, bytes: Buffer, start: number, end: number): void {
    this.#counts.published += 1
    const id = idAt(bytes, start)
    const handler = this.#choose(this.#routes.findForRequest(rawTopicAt(bytes, start)))
    if (handler === undefined) return client.write({ kind: kinds.unheard, id }, nothing)
    setConnection(bytes, start, client.id)
    handler.append(bytes, start, end)
    handler.beginRequest({ connection: client.id, id })
    this.#counts.delivered += 1
  }

  /** One for which the least waits; of several, each in its turn. */
  #choose(clients: readonly Client[]): Client | undefined {
    this.#turn += 1
    const inTurn = clients.map((_, index) => clients[(index + this.#turn) % clients.length])
    return inTurn.reduce(
      (best, client) => ((client?.waiting ?? 0) < (best?.waiting ?? 0) ? client : best),
      inTurn[0],
    )
  }

  #reply(client: Client, bytes: Buffer, start: number, end: number): void {
    const [connection, id] = [connectionAt(bytes, start), idAt(bytes, start)]
    client.endRequest({ connection, id })
    this.#clients.get(connection)?.append(bytes, start, end)
  }

  #subscribe(client: Client, topic: string): void {
    client.topics.add(topic)
    this.#routes.add(topic, client)
  }

  #unsubscribe(client: Client, topic: string): void {
    client.topics.delete(topic)
    this.#routes.delete(topic, client)
  }

  #sync(client: Client, id: number): void {
    client.greetedWith ??= id
    if (this.#isOpen) this.#tell(client.id, { kind: kinds.sync, id })
  }

  #welcome(client: Client): void {
    client.write({ kind: kinds.sync, id: client.greetedWith ?? 0 }, nothing)
  }

  #tell(connection: number, head: Head): void {
    this.#clients.get(connection)?.write(head, nothing)
  }
}
