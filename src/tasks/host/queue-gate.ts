// Runs in a task process: accepts from the queues while the process is free. To close means to close this
// process's own duplicates: what waits stays in the queue, for whichever process is free next.

import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { toError } from '../../logging/records/describe-error.ts'
import { priorities, type Priority } from '../model/queues.ts'
import type { HostCalls } from './calls.ts'

export interface GateOptions {
  /** Descriptors of listening sockets. They stay open, except without `calls`. */
  readonly queues: Readonly<Record<Priority, number>>
  /** listen(2) is called again by Node: the length that the arbiter has set. */
  readonly backlog: number
  readonly calls: HostCalls | Error
  readonly onConnection: (socket: Socket, priority: Priority) => void
  /** accept(2) or listen(2) has failed. */
  readonly onError: (error: Error) => void
}

/** Milliseconds until a queue is opened again after an error, for example want of descriptors. */
export const errorPause = 500

export class QueueGate {
  readonly #options: GateOptions
  readonly #servers: Readonly<Record<Priority, Server>>
  /** On the clock of performance.now. */
  #notBefore = 0

  constructor(options: GateOptions) {
    this.#options = options
    this.#servers = { high: this.#server('high'), normal: this.#server('normal') }
  }

  /** Whether it can be closed: not without system calls. */
  get canClose(): boolean {
    return !(this.#options.calls instanceof Error)
  }

  /** Whether a caller waits in this queue. False when that cannot be known. */
  hasWaiting(priority: Priority): boolean {
    const { calls, queues } = this.#options
    return !(calls instanceof Error) && calls.hasWaiting(queues[priority])
  }

  /** Whether it waits after an error. */
  get isPaused(): boolean {
    return performance.now() < this.#notBefore
  }

  /** Accepts from all queues. Rejects when one cannot be used. */
  async start(): Promise<void> {
    const listening = priorities.map((priority) => once(this.#servers[priority], 'listening'))
    this.open(priorities)
    await Promise.all(listening)
  }

  /** Accepts from these queues, and from no others. */
  open(wanted: readonly Priority[]): void {
    for (const priority of priorities) {
      const server = this.#servers[priority]
      if (!wanted.includes(priority)) this.#close(server)
      else if (!server.listening && !this.isPaused) this.#listen(priority)
    }
  }

  close(): void {
    if (this.canClose) this.shut()
  }

  /** Closes for good. */
  shut(): void {
    for (const priority of priorities) this.#servers[priority].close()
  }

  #close(server: Server): void {
    if (this.canClose && server.listening) server.close()
  }

  #listen(priority: Priority): void {
    const { calls, queues, backlog } = this.#options
    const server = this.#servers[priority]
    try {
      const fd = calls instanceof Error ? queues[priority] : calls.dup(queues[priority])
      // Node reads the backlog of a descriptor only here, not from the options, and takes 0 for its default.
      server.listen({ fd }, Math.max(1, backlog))
      if (backlog === 0 && !(calls instanceof Error)) calls.listen(fd, backlog)
    } catch (error) {
      server.emit('error', toError(error)) // for example, no descriptor is free
    }
  }

  #server(priority: Priority): Server {
    const server = createServer((socket) => this.#options.onConnection(socket, priority))
    server.on('error', (error) => {
      this.#notBefore = performance.now() + errorPause
      this.#close(server)
      this.#options.onError(error)
    })
    return server
  }
}
