// Runs in the broker: its life. It waits for the lock, accepts, lets clients of a broker before it come back
// before it delivers, and hands over to the next one when it ends.

import type { Server, Socket } from 'node:net'
import { wait, type Clock } from '../../os/system/clock.ts'
import { within } from '../../os/system/within.ts'
import { DropBursts } from '../model/drop-bursts.ts'
import { Broker, type BrokerFigures } from './broker.ts'
import { BrokerConnection } from './connection.ts'
import type { Client } from './client.ts'

/** Milliseconds between two tries to get the lock. */
const lockInterval = 25
/** Milliseconds in which the clients of a broker that has ended come back, before any may publish. */
const settleTime = 100
/** Milliseconds for the clients to send the rest, and for that to be delivered. */
const handoverTime = 1000

export interface ServiceParts {
  readonly clock: Clock
  /** Returns false while another broker of this socket has the lock. */
  readonly tryLock: () => boolean
  /** Accepts on the socket of the server. */
  readonly listen: (onSocket: (socket: Socket) => void) => Server
  readonly onServing: () => void
  readonly onDropped: (client: Client, messages: number) => void
}

export class BrokerService {
  readonly #parts: ServiceParts
  readonly #broker: Broker
  readonly #connections = new Set<BrokerConnection>()
  readonly #bursts = new WeakMap<Client, DropBursts>()
  #server: Server | undefined
  #isEnding = false

  constructor(parts: ServiceParts) {
    this.#parts = parts
    this.#broker = new Broker({ onDrop: (client) => this.#burstOf(client).note(), isOpen: false })
  }

  figures(): BrokerFigures {
    return this.#broker.figures()
  }

  /** Resolves when it delivers. */
  async start(): Promise<void> {
    const { clock, tryLock, listen, onServing } = this.#parts
    while (!tryLock()) await wait(clock, lockInterval)
    if (this.#isEnding) return
    this.#server = listen((socket) => this.#accept(socket))
    onServing()
    await wait(clock, settleTime)
    this.#broker.open()
  }

  /** Resolves when the process may exit: the next broker gets the clients. */
  async end(): Promise<void> {
    this.#isEnding = true
    this.#server?.close()
    const connections = [...this.#connections]
    for (const connection of connections) connection.leave()
    await within(Promise.all(connections.map(({ finished }) => finished)), handoverTime)
    for (const connection of connections) connection.end()
    await within(Promise.all(connections.map(({ closed }) => closed)), handoverTime)
  }

  #accept(socket: Socket): void {
    const connection = new BrokerConnection(socket, this.#broker)
    this.#connections.add(connection)
    void connection.closed.then(() => this.#connections.delete(connection))
  }

  #burstOf(client: Client): DropBursts {
    const known = this.#bursts.get(client)
    if (known) return known
    const { clock, onDropped } = this.#parts
    const bursts = new DropBursts(clock, (messages) => onDropped(client, messages))
    this.#bursts.set(client, bursts)
    return bursts
  }
}
