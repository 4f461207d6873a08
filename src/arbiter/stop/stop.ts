// Runs in the arbiter: a stop, from the order until every worker has it. Which step is next is decided in
// steps.ts.

import type { Clock } from '../../os/system/clock.ts'
import type { Commands } from '../model/commands.ts'
import type { Emit } from '../model/events.ts'
import type { StopMode } from '../model/orders.ts'
import type { Pool } from '../pool/pool.ts'
import { mayStop } from '../services/order.ts'
import { drainDelay, StopSteps } from './steps.ts'

/** The pools of the server. */
export interface StoppedPools {
  readonly app: Pool
  /** Those whose processes may call tasks. */
  readonly callers: readonly Pool[]
  readonly tasks: { readonly all: readonly Pool[] }
  readonly all: readonly Pool[]
}

export interface StopParts {
  readonly clock: Pick<Clock, 'now'>
  readonly emit: Emit
  readonly commands: Commands
  readonly listeners: { closeAll(): void }
  readonly pools: StoppedPools
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
    const workers = pools.all.flatMap((pool) => pool.workers)
    const delay = drainDelay({ mode, drain_delay: this.#parts.drainDelay(), workers })
    this.#steps.delay(clock.now() + delay)
    emit({ type: 'stopping', mode, delay })
    for (const pool of pools.all) pool.endings.cancelUnstarted()
    if (step === 'order') return this.#order()
    if (delay > 0) pools.app.unready()
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

  /** A service ends when no process is left that may need it. */
  orderNext(): void {
    if (!this.isOrdered || this.#steps.mode !== 'graceful') return
    const { callers } = this.#parts.pools
    for (const pool of callers) if (mayStop(pool, callers)) retireAll(pool)
  }

  /** No process that may call tasks is left, or the stop is quick. */
  get endsTasks(): boolean {
    const isGraceful = this.#steps.mode === 'graceful'
    const serves = this.#parts.pools.callers.some(({ workers }) => workers.length > 0)
    return this.isOn && (!isGraceful || (this.isOrdered && !serves))
  }

  /** The processes of tasks end after the last worker that may call them. */
  orderTasks(): void {
    const { tasks } = this.#parts.pools
    if (this.#steps.mode === 'quick') return // they have their order
    for (const pool of tasks.all) retireAll(pool)
  }

  /** Once, or a second time when a graceful stop becomes a quick one. */
  #order(): void {
    this.#steps.order()
    if (this.#steps.mode === 'quick')
      for (const { workers, endings } of this.#parts.pools.all)
        for (const { age } of workers) endings.quit(age, 'quit')
    this.orderNext()
    this.#parts.listeners.closeAll()
  }
}

/** Those that drain already keep their deadlines. */
function retireAll({ workers, endings }: Pool): void {
  for (const { age } of workers) endings.retire(age, 'stop')
}
