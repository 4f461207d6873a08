// Runs in the arbiter: its pools. The workers of the app, whose target and generation are those of the
// server, the services, and the task pools of each generation.

import type { Generation } from '../model/generation.ts'
import type { PoolSnapshot } from '../model/snapshot.ts'
import type { WorkerRecord } from '../model/worker-record.ts'
import type { PoolContext } from '../pool/pool-parts.ts'
import { Pool } from '../pool/pool.ts'
import { Schedules } from '../schedules/schedules.ts'
import { ServicePools } from '../services/service-pools.ts'
import { FiguresOfTasks } from '../tasks/figures.ts'
import { TaskPools } from '../tasks/task-pools.ts'

export class Pools {
  /** The workers that serve the app. */
  readonly app: Pool
  readonly services: ServicePools
  readonly schedules: Schedules
  readonly tasks: TaskPools
  readonly figures = new FiguresOfTasks()
  #ages = 0

  constructor(context: Omit<PoolContext, 'nextAge'>, first: Generation) {
    const shared = { ...context, nextAge: (): number => (this.#ages += 1) }
    this.app = new Pool({ name: 'app', generation: first, targetIn: ({ workers }) => workers }, shared)
    this.services = new ServicePools(shared)
    this.schedules = new Schedules(shared)
    this.tasks = new TaskPools(shared)
  }

  get all(): readonly Pool[] {
    return [...this.callers, ...this.tasks.all]
  }

  /** Those whose processes may call tasks. */
  get callers(): readonly Pool[] {
    return [...this.serving, ...this.schedules.pools]
  }

  /** Those of the app and of the services. */
  get serving(): readonly Pool[] {
    return [this.app, ...this.services.all]
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
    const tasks = this.tasks.all.map((pool) => ({
      ...pool.snapshot(),
      figures: () => this.figures.of(pool.name),
    }))
    const services = this.services.all.map((pool) => ({ ...pool.snapshot(), isService: true }))
    const runs = this.schedules.pools.map((pool) => pool.snapshot())
    return [this.app.snapshot(), ...services, ...runs, ...tasks]
  }
}
