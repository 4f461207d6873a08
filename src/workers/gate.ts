// Runs in a worker: the way in. It accepts on the sockets that the arbiter bound, hands each connection to the HTTP server, and closes
// for a while when the worker has as many as it may. Closing only closes this process's descriptor: siblings go on accepting.

import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { loadNative } from '../os/native.ts'
import type { ListenTarget } from './worker-class.ts'

export interface GateOptions {
  readonly targets: readonly ListenTarget[]
  readonly backlog: number
  readonly limit: number
  /** How many connections are open now. */
  readonly open: () => number
  readonly onConnection: (socket: Socket) => void
  readonly onNoGate: (reason: string) => void
}

export class Gate {
  readonly #options: GateOptions
  #servers: Server[] = []
  /** The descriptors of the servers. */
  #listening: readonly number[] = []
  /** Duplicates of the descriptors to listen on once more; empty while the gate is open. */
  #spare: number[] = []
  #duplicate: ((fd: number) => number) | undefined
  #shut = false

  constructor(options: GateOptions) {
    this.#options = options
  }

  async listen(): Promise<void> {
    await this.#listenOn(this.#options.targets.map(({ fd }) => fd))
  }

  /** For good: the worker drains. */
  shut(): void {
    this.#shut = true
    this.#closeServers()
  }

  /** A connection has ended: there may be room again. */
  async relax(): Promise<void> {
    if (this.#shut || this.#spare.length === 0 || this.#options.open() >= this.#options.limit) return
    const spare = this.#spare
    this.#spare = []
    await this.#listenOn(spare)
  }

  #accept(socket: Socket): void {
    this.#options.onConnection(socket)
    if (this.#options.open() >= this.#options.limit && this.#spare.length === 0) this.#closeForNow()
  }

  #closeForNow(): void {
    const duplicate = (this.#duplicate ??= this.#loadDuplicate())
    if (duplicate === undefined) return
    this.#spare = this.#listening.map(duplicate)
    this.#closeServers()
  }

  #loadDuplicate(): ((fd: number) => number) | undefined {
    const native = loadNative()
    if (!(native instanceof Error)) return native.dup
    this.#options.onNoGate(native.message)
    return undefined
  }

  #closeServers(): void {
    for (const server of this.#servers) server.close()
    this.#servers = []
  }

  async #listenOn(descriptors: readonly number[]): Promise<void> {
    this.#listening = descriptors
    // The options that http.Server itself gives to the net.Server below it (lib/_http_server.js).
    this.#servers = descriptors.map(() => createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket)))
    await Promise.all(
      this.#servers.map((server, index) => {
        return new Promise<void>((resolve, reject) => {
          server.once('error', reject)
          server.listen({ fd: descriptors[index], backlog: this.#options.backlog }, resolve)
        })
      }),
    )
  }
}
