// Runs in the arbiter: the order of services in a start, a reload and a stop, by their `after`. Pure.

import { mainService } from '../../config/sources/service-plans.ts'
import type { Generation } from '../model/generation.ts'
import type { WorkerRecord } from '../model/worker-record.ts'

/** A pool of the app or of a service, as far as its order is concerned. */
export interface OrderedPool {
  readonly generation: Pick<Generation, 'number' | 'service'>
  readonly workers: readonly Pick<WorkerRecord, 'generation' | 'state'>[]
}

export function serviceName({ generation: { service } }: Pick<OrderedPool, 'generation'>): string {
  return service?.name ?? mainService
}

/** The services that a pool needs. */
function needs({ generation: { service } }: OrderedPool): readonly string[] {
  return service?.after ?? []
}

/**
 * Whether it waits for the end of the old arbiter of an upgrade, which runs it still. A program with `run`
 * does that by itself. `isSecond`: there is such an arbiter.
 */
export function waitsForOldArbiter({ generation: { service } }: OrderedPool, isSecond: boolean): boolean {
  return isSecond && service?.kind === 'command' && service.stopsFirst
}

/** Whether a service that it needs has no process of its generation that is ready. */
export function waitsForOthers(pool: OrderedPool, all: readonly OrderedPool[], isSecond: boolean): boolean {
  const needed = all.filter((other) => needs(pool).includes(serviceName(other)))
  const present = needed.filter((other) => !waitsForOldArbiter(other, isSecond))
  return present.some(
    ({ workers, generation }) =>
      !workers.some((worker) => worker.state === 'ready' && worker.generation === generation.number),
  )
}

/** Whether no process is left that may need it. */
export function mayStop(pool: OrderedPool, all: readonly OrderedPool[]): boolean {
  const name = serviceName(pool)
  return all.every((other) => other.workers.length === 0 || !needs(other).includes(name))
}

/**
 * Whether a start or a reload fails when it does not come up. The code of an app or a module belongs to the
 * release; another program may need its time, unless it is critical or another service needs it.
 */
export function mustComeUp(pool: OrderedPool, all: readonly OrderedPool[]): boolean {
  const { service } = pool.generation
  if (service?.kind === 'schedule') return false
  if (service?.kind !== 'command' || service.critical) return true
  return all.some((other) => needs(other).includes(service.name))
}
