// Runs in the arbiter: the bus among the other parts of the server.

import { startBroker } from '../arbiter/bus/process.ts'
import { openBusSocket, type BusSocket } from '../arbiter/bus/socket.ts'
import { BusSupervisor } from '../arbiter/bus/supervisor.ts'
import type { Emit } from '../arbiter/model/events.ts'
import type { Generation } from '../arbiter/model/generation.ts'
import type { BusFigures } from '../arbiter/model/snapshot.ts'
import type { InheritedBus } from '../arbiter/upgrade/handover.ts'
import type { BusBoot } from '../ipc/bus-messages.ts'
import { hasOtherUsers } from '../config/sources/service-plans.ts'
import { messageOf } from '../os/error-message.ts'
import { systemClock } from '../os/system/clock.ts'
import type { NativeCalls } from '../os/system/native.ts'

export interface BusParts {
  readonly version: string
  readonly emit: Emit
  readonly native: NativeCalls | undefined
  readonly inherited: InheritedBus | undefined
  /** During an upgrade another arbiter has the same socket. */
  readonly isShared: () => boolean
}

export class ServerBus {
  readonly #parts: BusParts
  #socket: BusSocket | undefined
  #supervisor: BusSupervisor | undefined
  #problem = 'the bus is not open'

  constructor(parts: BusParts) {
    this.#parts = parts
  }

  get socket(): Pick<BusSocket, 'fd' | 'path'> | undefined {
    return this.#socket
  }

  /** Never rejects: a server that does not use the bus does without. */
  async open(first: Generation): Promise<void> {
    const { native, inherited, version, emit } = this.#parts
    try {
      const { identity } = first.config
      const socket = await openBusSocket({ identity, native, inherited })
      this.#socket = socket
      this.#share(first)
      const real = { clock: systemClock, random: Math.random, start: startBroker }
      this.#supervisor = new BusSupervisor(first, { version, emit, socket, ...real })
    } catch (error) {
      this.#problem = `the bus has no socket: ${messageOf(error)}`
    }
  }

  /** For a process that starts now. */
  boot(): BusBoot {
    return this.#socket ? { path: this.#socket.path } : { problem: this.#problem }
  }

  want(): void {
    this.#supervisor?.want()
  }

  figures(): BusFigures | undefined {
    return this.#supervisor?.figures()
  }

  follow(generation: Generation): void {
    this.#share(generation)
    this.#supervisor?.follow(generation)
  }

  #share({ config }: Generation): void {
    if (hasOtherUsers(config)) this.#socket?.share()
  }

  /** The last worker has ended. Resolves when the broker has. */
  async stop(): Promise<void> {
    await this.#supervisor?.stop()
  }

  close(): void {
    this.#socket?.close(this.#parts.isShared())
    this.#socket = undefined
  }
}
