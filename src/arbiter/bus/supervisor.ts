// Runs in the arbiter: keeps a broker running, from the first process that uses the bus to the end of the
// server. The socket is bound before; processes that connect meanwhile wait in its backlog.

import type { Clock, Timer } from '../../os/system/clock.ts'
import { within } from '../../os/system/within.ts'
import type { Emit } from '../model/events.ts'
import type { Generation } from '../model/generation.ts'
import { freshSlot } from '../model/slot.ts'
import type { BusFigures } from '../model/snapshot.ts'
import { afterEnd, type Random } from '../pool/backoff.ts'
import { FiguresOfBus } from './figures.ts'
import type { BrokerProcess, StartBroker } from './process.ts'
import type { BusSocket } from './socket.ts'

/** Milliseconds that a broker has to hand over its clients. */
const stopTime = 3000

export interface SupervisorParts {
  readonly version: string
  readonly socket: Pick<BusSocket, 'fd' | 'directory'>
  readonly clock: Clock
  readonly random: Random
  readonly emit: Emit
  readonly start: StartBroker
}

type Followed = Pick<Generation, 'home' | 'environment'> & {
  readonly config: { readonly identity: Generation['config']['identity'] }
}

export class BusSupervisor {
  readonly #parts: SupervisorParts
  readonly #figures = new FiguresOfBus()
  #generation: Followed
  #broker: BrokerProcess | undefined
  #servingSince: number | null = null
  #history = freshSlot
  #retry: Timer | undefined
  #isWanted = false
  #isStopping = false
  #ended: () => void = () => undefined

  constructor(generation: Followed, parts: SupervisorParts) {
    this.#generation = generation
    this.#parts = parts
  }

  /** The next broker is started from this generation. */
  follow(generation: Followed): void {
    this.#generation = generation
  }

  /** A process uses the bus. */
  want(): void {
    if (this.#isWanted) return
    this.#isWanted = true
    this.#start()
  }

  /** Undefined while no process uses the bus. */
  figures(): BusFigures | undefined {
    return this.#isWanted ? this.#figures.total() : undefined
  }

  /** Resolves when the broker has ended. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#retry?.cancel()
    const broker = this.#broker
    if (broker === undefined) return
    const ended = new Promise<true>((resolve) => (this.#ended = () => resolve(true)))
    broker.stop()
    if ((await within(ended, stopTime)) === undefined) broker.kill()
  }

  #start(): void {
    if (this.#isStopping) return
    const { version, socket, clock, emit, start } = this.#parts
    const { home, environment, config } = this.#generation
    this.#servingSince = null
    const { identity } = config
    const order = { version, identity, directory: socket.directory }
    const broker = start(
      { home, environment: environment(), fd: socket.fd, order },
      {
        onReport: (report) => {
          if (report.type === 'serving') this.#servingSince = clock.now()
          if (report.type === 'figures') this.#figures.report(report.figures)
          if (report.type === 'dropped') emit({ ...report, type: 'bus_dropped' })
        },
        onEnd: (how) => this.#end(broker, how),
      },
    )
    this.#broker = broker
  }

  #end({ pid }: BrokerProcess, how: string): void {
    const { clock, random, emit } = this.#parts
    this.#broker = undefined
    this.#ended()
    if (this.#isStopping) return
    this.#figures.ended()
    const now = clock.now()
    this.#history = afterEnd(this.#history, { readyAt: this.#servingSince, now }, random)
    const retryIn = Math.max(0, this.#history.notBefore - now)
    emit({ type: 'bus_ended', pid, how, retryIn })
    this.#retry = clock.after(retryIn, () => this.#start())
  }
}
