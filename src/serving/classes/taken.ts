// Runs in a worker: the connections that a worker class of the user keeps for itself, and its end.

import { once } from 'node:events'
import type { Socket } from 'node:net'
import { backgroundClock, type Clock } from '../../os/system/clock.ts'
import type { WorkerDrain } from './definition.ts'

export class Taken {
  readonly #sockets = new Map<Socket, string>()
  readonly #onClosed: () => void
  readonly #clock: Clock
  readonly #late = new AbortController()
  #ended: Promise<void> | undefined
  #onEmpty: (() => void) | undefined

  /** `onClosed`: called when there is one less. `clock`: by default that of the system. */
  constructor(onClosed: () => void, clock = backgroundClock) {
    this.#onClosed = onClosed
    this.#clock = clock
  }

  get size(): number {
    return this.#sockets.size
  }

  /** `address`: what it is for, as the log names it. */
  add(socket: Socket, address: string): void {
    this.#sockets.set(socket, address)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      this.#sockets.delete(socket)
      this.#onClosed()
      if (this.size === 0) this.#onEmpty?.()
    })
    if (this.#late.signal.aborted) socket.destroy()
  }

  /**
   * Calls `end`, and closes what is open after `within` milliseconds. A second call may only shorten the
   * time.
   */
  beginDrain(within: number, end: (drain: WorkerDrain) => Promise<void>): void {
    this.#clock.after(within, () => this.#late.abort())
    this.#ended ??= end({ within, signal: this.#late.signal })
  }

  /**
   * Called when no more can come. Resolves when `end` has and none is open, or when the time is over, with
   * those that were closed then.
   */
  async endDrain(): Promise<readonly string[]> {
    const { signal } = this.#late
    const isOver = signal.aborted ? Promise.resolve() : once(signal, 'abort')
    await Promise.race([this.#ended, isOver])
    const isEmpty = new Promise<void>((resolve) => (this.#onEmpty = resolve))
    if (this.size > 0) await Promise.race([isEmpty, isOver])
    const left = [...this.#sockets]
    for (const [socket] of left) socket.destroy()
    return left.map(([, address]) => `a connection of ${address}`)
  }
}
