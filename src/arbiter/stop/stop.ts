// Runs in the arbiter: a stop, from the order until every worker has it. Which step is next is decided in
// steps.ts.

import type { Clock } from '../../os/system/clock.ts'
import type { Commands } from '../model/commands.ts'
import type { Emit } from '../model/events.ts'
import type { StopMode } from '../model/orders.ts'
import type { Pool } from '../pool/pool.ts'
import { drainDelay, StopSteps } from './steps.ts'

export interface StopParts {
  readonly clock: Pick<Clock, 'now'>
  readonly emit: Emit
  readonly commands: Commands
  readonly listeners: { closeAll(): void }
  readonly pools: readonly Pool[]
  /** The setting, in milliseconds. */
  readonly drainDelay: () => number
  /** Runs on_stopping; never rejects. */
  readonly announce: () => Promise<void>
}

export class Stop {
  readonly #parts: StopParts
  readonly #steps = new StopSteps()

  constructor(parts: StopParts) {
    this.#parts = parts
  }

  /** The server stops, or has stopped. */
  get isOn(): boolean {
    return this.#steps.mode !== undefined
  }

  /** The workers have the order to stop. */
  get isOrdered(): boolean {
    return this.#steps.isOrdered
  }

  /** When the workers get the order, in monotonic milliseconds; Infinity when that is not known, or done. */
  get orderAt(): number {
    return this.#steps.orderAt
  }

  request(mode: StopMode): void {
    const step = this.#steps.request(mode)
    if (step === 'nothing') return
    const { clock, emit, commands, pools, announce } = this.#parts
    const workers = pools.flatMap((pool) => pool.workers)
    const delay = drainDelay({ mode, drain_delay: this.#parts.drainDelay(), workers })
    this.#steps.delay(clock.now() + delay)
    emit({ type: 'stopping', mode, delay })
    for (const pool of pools) pool.endings.cancelUnstarted()
    if (step === 'order') return this.#order()
    if (delay > 0) for (const pool of pools) pool.unready()
    void announce().then(() => commands.put({ type: 'stop_workers' }))
  }

  /** on_stopping is done. */
  announced(): void {
    this.#steps.announced()
  }

  orderIfDue(now: number): void {
    if (now >= this.orderAt) this.#order()
  }

  /** Without on_stopping: the start has failed. */
  atOnce(): void {
    this.#steps.request('quick')
    this.#order()
  }

  /** Once, or a second time when a graceful stop becomes a quick one. */
  #order(): void {
    this.#steps.order()
    const isGraceful = this.#steps.mode === 'graceful'
    for (const { workers, endings } of this.#parts.pools) {
      for (const { age } of workers) {
        if (isGraceful) endings.retire(age, 'stop')
        else endings.quit(age, 'quit')
      }
    }
    this.#parts.listeners.closeAll()
  }
}
