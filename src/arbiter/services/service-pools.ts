// Runs in the arbiter: the pools of the services. Each service has one, which stays through reloads as that
// of the app does: it wants the newest generation, and `plan` replaces its processes one after another.

import type { Generation } from '../model/generation.ts'
import type { PoolContext } from '../pool/pool-parts.ts'
import { Pool, type Wanted } from '../pool/pool.ts'
import { mustComeUp, waitsForOldArbiter } from './order.ts'
import { serviceGeneration } from './service-generation.ts'

/** What makes services complete. */
interface Expected {
  /** The pools of the app and of the services. */
  readonly serving: readonly Pool[]
  /** Each start() has run for a while. */
  readonly isProven: boolean
  /** This is the new arbiter of an upgrade, and the old one still runs. */
  readonly isSecond: boolean
}

export class ServicePools {
  readonly #context: PoolContext
  readonly #pools = new Map<string, Pool>()
  /** How many processes each service had when the reload in progress began. */
  #before: ReadonlyMap<string, number> = new Map()

  constructor(context: PoolContext) {
    this.#context = context
  }

  /** In the order of the config; those that a reload has removed, and that still end, too. */
  get all(): readonly Pool[] {
    return [...this.#pools.values()]
  }

  get(name: string): Pool | undefined {
    return this.#pools.get(name)
  }

  /**
   * Every process is of the wanted generation, and serves. A program that need not come up may fail, and what
   * the old arbiter of an upgrade still runs is not expected.
   */
  isComplete({ serving, isProven, isSecond }: Expected): boolean {
    return this.all.every((pool) => {
      if (waitsForOldArbiter(pool, isSecond)) return true
      if (!pool.isComplete) return !mustComeUp(pool, serving) && isLooping(pool)
      return !isProven || pool.workers.every(({ running }) => running !== false)
    })
  }

  /** A generation is wanted, with as many processes as its config says. */
  adopt(generation: Generation, wanted: Wanted = {}): void {
    this.#before = new Map(this.all.map(({ name, target }) => [name, target]))
    this.#want(generation, wanted, (pool) => pool.targetIn(pool.generation))
  }

  /** The generation before is wanted again, with as many processes as before unless an operator chose. */
  revert(generation: Generation): void {
    const failed = new Map(this.all.map((pool) => [pool.name, pool.targetIn(pool.generation)]))
    this.#want(generation, {}, (pool) => {
      const isOperators = pool.target !== failed.get(pool.name)
      return isOperators ? pool.target : (this.#before.get(pool.name) ?? pool.targetIn(pool.generation))
    })
  }

  /**
   * No reload is in progress any more: nothing is on trial, and the processes of services that this
   * generation does not have are ended. Until then a failed reload brings them back without a gap.
   */
  settle(generation: Generation): void {
    for (const service of generation.services)
      this.#pools.get(service.plan.name)?.want(serviceGeneration(generation, service))
    for (const pool of this.all) if (isRemoved(pool, generation)) pool.end('reload')
  }

  /** Forgets the services that a reload has removed and that have no process any more. */
  forgetRemoved(generation: Generation): void {
    for (const pool of this.all) if (isOver(pool, generation)) this.#pools.delete(pool.name)
  }

  #want(generation: Generation, wanted: Wanted, targetOf: (pool: Pool) => number): void {
    for (const service of generation.services) {
      const own = serviceGeneration(generation, service)
      const present = this.#pools.get(service.plan.name)
      const pool = present ?? this.#add(own)
      if (present && isUnchanged(present.generation, own)) this.#keep(pool, own)
      else this.#replace(pool, own, wanted)
      pool.scale(targetOf(pool))
    }
  }

  #keep(pool: Pool, generation: Generation): void {
    pool.keep(generation)
    this.#context.emit({ type: 'service_unchanged', service: pool.name })
  }

  #replace(pool: Pool, generation: Generation, wanted: Wanted): void {
    pool.want(generation, wanted)
    pool.slots.clear()
  }

  #add(generation: Generation): Pool {
    const name = generation.service?.name ?? ''
    const pool = new Pool({ name, generation, targetIn: ({ workers }) => workers }, this.#context)
    this.#pools.set(name, pool)
    return pool
  }
}

function isUnchanged(before: Generation, after: Generation): boolean {
  return before.fingerprint !== undefined && before.fingerprint === after.fingerprint
}

function isLooping({ slots, target }: Pool): boolean {
  return Array.from({ length: target }, (_, nr) => nr).some((nr) => slots.isLooping(nr))
}

function isRemoved({ name }: Pool, { services }: Generation): boolean {
  return services.every(({ plan }) => plan.name !== name)
}

function isOver(pool: Pool, generation: Generation): boolean {
  return isRemoved(pool, generation) && pool.target === 0 && pool.workers.length === 0
}
