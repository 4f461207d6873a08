// Runs in the arbiter: its pools by name. One today, the workers of the app; its target and generation are
// those of the server.

import type { Generation } from '../model/generation.ts'
import type { PoolSnapshot } from '../model/snapshot.ts'
import type { WorkerRecord } from '../model/worker-record.ts'
import type { PoolContext } from '../pool/pool-parts.ts'
import { Pool } from '../pool/pool.ts'

export class Pools {
  /** The workers that serve the app. */
  readonly app: Pool
  readonly all: readonly Pool[]
  readonly #byName: ReadonlyMap<string, Pool>
  #ages = 0

  constructor(context: Omit<PoolContext, 'nextAge'>, first: Generation) {
    const shared = { ...context, nextAge: (): number => (this.#ages += 1) }
    this.app = new Pool({ name: 'app', generation: first, targetIn: ({ workers }) => workers }, shared)
    this.#byName = new Map([[this.app.name, this.app]])
    this.all = [...this.#byName.values()]
  }

  /** Every worker that may have a process. */
  get workers(): readonly WorkerRecord[] {
    return this.all.flatMap(({ workers }) => workers)
  }

  /** The pool of a worker. */
  of(age: number): Pool | undefined {
    return this.all.find((pool) => pool.get(age) !== undefined)
  }

  async outputEnded(): Promise<void> {
    await Promise.all(this.all.map((pool) => pool.outputEnded()))
  }

  snapshot(): readonly [PoolSnapshot, ...PoolSnapshot[]] {
    const others = this.all.filter((pool) => pool !== this.app)
    return [this.app.snapshot(), ...others.map((pool) => pool.snapshot())]
  }
}
