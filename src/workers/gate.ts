// Runs in a worker: the way in. It accepts on the sockets that the arbiter bound, hands each connection to the HTTP server, and closes
// for a while when the worker has as many as it may. Closing only closes this process's descriptor: siblings go on accepting.

import { closeSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import { loadNative } from '../os/native.ts'
import type { ListenTarget } from './worker-class.ts'

export interface GateOptions {
  readonly targets: readonly ListenTarget[]
  readonly backlog: number
  readonly limit: number
  /** How many connections are open now. */
  readonly open: () => number
  readonly onConnection: (socket: Socket) => void
  /** accept(2) failed, for want of descriptors, say. */
  readonly onError: (error: Error) => void
  readonly onNoGate: (reason: string) => void
}

/** Turns of the event loop without a new connection after which the queues of the sockets are taken to be empty. */
const quietTurns = 2
/** Milliseconds between two looks whether a full worker has room again. */
const roomInterval = 5

export class Gate {
  readonly #options: GateOptions
  #servers: Server[] = []
  /** The descriptors of the servers. */
  #listening: readonly number[] = []
  /** Duplicates of the descriptors to listen on once more; empty while the gate is open. */
  #spare: number[] = []
  readonly #told = new Set<string>()
  #shut = false
  #accepted = 0

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
    for (const fd of this.#spare) closeSync(fd) // else the kernel would go on queueing connections for this worker
    this.#spare = []
  }

  /**
   * Takes the connections that wait in the sockets' queues already, for when nobody is left to take them after this worker: the kernel
   * resets what it finds there when the last descriptor is closed. Fulfils when they are taken, at the latest after so many
   * milliseconds or as many connections as the queues hold. The caller shuts then.
   */
  async takeWaiting(within: number): Promise<void> {
    const giveUpAt = performance.now() + within
    const most = this.#accepted + this.#options.backlog * this.#options.targets.length
    let quiet = 0
    while (!this.#shut && quiet < quietTurns && this.#accepted < most && performance.now() < giveUpAt) {
      const before = this.#accepted
      const isFull = this.#spare.length > 0
      await (isFull ? delay(roomInterval) : nextTurn())
      quiet = isFull || this.#accepted > before ? 0 : quiet + 1
    }
  }

  /** Whether it is closed for now, and there is room again: a connection has ended. Asked at each end, so it costs nothing. */
  get mayOpen(): boolean {
    return this.#spare.length > 0 && !this.#shut && this.#options.open() < this.#options.limit
  }

  /** Accepts again, if it may. */
  async relax(): Promise<void> {
    if (!this.mayOpen) return
    const spare = this.#spare
    this.#spare = []
    await this.#listenOn(spare)
  }

  #accept(socket: Socket): void {
    this.#accepted += 1
    this.#options.onConnection(socket)
    if (this.#options.open() >= this.#options.limit && this.#spare.length === 0) this.#closeForNow()
  }

  #closeForNow(): void {
    const spare = duplicateAll(this.#listening)
    // No descriptor is free, say: better too many connections than a worker that never accepts again.
    if (spare instanceof Error) return this.#tellOnce(spare.message)
    this.#spare = spare
    this.#closeServers()
  }

  #tellOnce(reason: string): void {
    if (!this.#told.has(reason)) this.#options.onNoGate(reason)
    this.#told.add(reason)
  }

  #closeServers(): void {
    for (const server of this.#servers) server.close()
    this.#servers = []
  }

  async #listenOn(descriptors: readonly number[]): Promise<void> {
    this.#listening = descriptors
    // The options that http.Server itself gives to the net.Server below it (lib/_http_server.js).
    this.#servers = descriptors.map(() => createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket)))
    await Promise.all(this.#servers.map((server, index) => this.#startServer(server, descriptors[index])))
  }

  #startServer(server: Server, fd: number | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.once('close', resolve) // shut before it listened
      server.listen({ fd, backlog: this.#options.backlog }, () => {
        server.off('error', reject)
        server.on('error', this.#options.onError)
        resolve()
      })
    })
  }
}

/** All, or none and the reason. */
function duplicateAll(descriptors: readonly number[]): number[] | Error {
  const native = loadNative()
  if (native instanceof Error) return native
  const duplicates: number[] = []
  try {
    for (const fd of descriptors) duplicates.push(native.dup(fd))
    return duplicates
  } catch (error) {
    for (const fd of duplicates) closeSync(fd)
    return error instanceof Error ? error : new Error(String(error))
  }
}
