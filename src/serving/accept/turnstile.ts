// Runs in a worker of the class `sync`: lets in one connection at a time. One from which nothing has arrived
// yet keeps no other one out for longer than a moment: it waits beside, so that silent clients cannot occupy
// the worker.

import type { Socket } from 'node:net'
import { afterReads } from '../../os/system/after-reads.ts'
import { backgroundClock, wait, type Clock, type Timer } from '../../os/system/clock.ts'
import { awaitFirstBytes } from './first-bytes.ts'

export interface TurnstileOptions {
  /** Serves a connection; `closed` is called when it has closed. `index`: that of its address. */
  readonly serve: (socket: Socket, index: number) => void
  /** Called when `isOccupied` may have changed without a new connection. */
  readonly onChange: () => void
  /** Milliseconds in which a client has to send its first bytes; 0 means no limit. */
  readonly headTime: number
  /** The most connections that wait beside. */
  readonly limit: number
  /** Default: that of the system. */
  readonly clock?: Clock
  /** Default: that of the system. */
  readonly afterReads?: (callback: () => void) => void
}

interface Waiting {
  readonly socket: Socket
  readonly index: number
}

/**
 * Milliseconds that a new connection keeps others out before its first bytes: a client sends them at once,
 * and then no other request is accepted beside it. With silent ones beside it the time is shorter.
 */
const moment = 5

export class Turnstile {
  readonly #options: TurnstileOptions
  readonly #clock: Clock
  #isServing = false
  #fresh: Socket | undefined
  #freshTimer: Timer | undefined
  /** First bytes of these have arrived. */
  readonly #ready: Waiting[] = []
  readonly #silent = new Set<Socket>()
  #onEmpty: (() => void) | undefined

  constructor(options: TurnstileOptions) {
    this.#options = options
    this.#clock = options.clock ?? backgroundClock
  }

  /** Whether no connection may be accepted. */
  get isOccupied(): boolean {
    const isAsked = this.#isServing || this.#fresh !== undefined || this.#ready.length > 0
    return isAsked || this.#silent.size >= this.#options.limit
  }

  /** Connections that it does not serve yet. */
  get waiting(): number {
    return this.#ready.length + this.#silent.size
  }

  /** A connection was accepted. */
  admit(socket: Socket, index: number): void {
    this.#freshTimer?.cancel()
    const { afterReads: later = afterReads } = this.#options
    this.#freshTimer = this.#clock.after(moment / (1 + this.#silent.size), () =>
      later(() => this.#release(socket)),
    )
    this.#silent.add(socket)
    this.#fresh = socket
    socket.on('error', ignore)
    const { headTime } = this.#options
    awaitFirstBytes(socket, { patience: headTime, decide: () => true }, ({ kind }) => {
      this.#silent.delete(socket)
      if (kind === 'known') this.#ready.push({ socket, index })
      else socket.destroy()
      this.#release(socket)
    })
  }

  /** The connection that was served has closed. */
  closed(): void {
    this.#isServing = false
    this.#next()
  }

  /** Resolves when none waits. After `time` milliseconds those from which nothing has arrived are closed. */
  async empty(time: number): Promise<void> {
    void wait(this.#clock, time).then(() => {
      for (const socket of this.#silent) socket.destroy()
    })
    if (this.waiting > 0) await new Promise<void>((resolve) => (this.#onEmpty = resolve))
  }

  #release(socket: Socket): void {
    if (this.#fresh === socket) this.#fresh = undefined
    this.#next()
  }

  #next(): void {
    const next = this.#isServing ? undefined : this.#ready.shift()
    if (next) {
      this.#isServing = true
      next.socket.off('error', ignore)
      this.#options.serve(next.socket, next.index)
    }
    this.#options.onChange()
    if (this.waiting === 0) this.#onEmpty?.()
  }
}

/** A client that has left: its socket closes. */
function ignore(): void {}
