// Runs in the arbiter: the task pools of all generations that have processes. Each generation has pools of
// its own, on queues of its own: the new ones load before the app of their generation, and the old ones stay
// until the last worker that may call them has exited. So two versions are never behind one queue.

import type { Generation } from '../model/generation.ts'
import type { PoolContext } from '../pool/pool-parts.ts'
import { Pool } from '../pool/pool.ts'
import { taskGeneration } from './task-generation.ts'

export class TaskPools {
  readonly #context: PoolContext
  #pools: readonly Pool[] = []

  constructor(context: PoolContext) {
    this.#context = context
  }

  /** Oldest generation first. */
  get all(): readonly Pool[] {
    return this.#pools
  }

  /** Starts the task pools of a generation. */
  begin(generation: Generation): void {
    const pools = generation.tasks.map(
      ({ plan, queues }) =>
        new Pool(
          {
            name: plan.name,
            generation: taskGeneration(generation, plan, [queues.high, queues.normal]),
            targetIn: ({ workers }) => workers,
          },
          this.#context,
        ),
    )
    this.#pools = [...this.#pools, ...pools]
  }

  /** Whether each task of this generation can run: one process is ready. */
  canRun(generation: number): boolean {
    return this.#of(generation).every(({ workers }) => workers.some(({ state }) => state === 'ready'))
  }

  /** Every process of the pools of this generation is ready. */
  isComplete(generation: number): boolean {
    return this.#of(generation).every((pool) => pool.isComplete)
  }

  /** Ends the pools of other generations than the wanted one, unless a worker of the app may call them. */
  endUnused(wanted: number, mayCall: (generation: number) => boolean): void {
    const unused = this.#pools.filter(({ generation: { number } }) => number !== wanted && !mayCall(number))
    for (const pool of unused) pool.end('reload')
    this.#pools = this.#pools.filter((pool) => !unused.includes(pool) || pool.workers.length > 0)
  }

  #of(generation: number): readonly Pool[] {
    return this.#pools.filter((pool) => pool.generation.number === generation)
  }
}
