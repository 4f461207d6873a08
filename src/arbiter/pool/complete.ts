// Runs in the arbiter: whether a pool has become what it should be. Pure.

import type { WorkerRecord } from '../model/worker-record.ts'
import { holdsSlot } from '../model/worker-state.ts'

/**
 * Every slot has a ready worker of the generation, no other worker holds one, and none of another generation
 * can get a new connection.
 */
export function isComplete(workers: readonly WorkerRecord[], generation: number, target: number): boolean {
  const holders = workers.filter(({ state }) => holdsSlot(state))
  const slots = Array.from({ length: target }, (_, nr) => nr)
  return (
    workers.every((worker) => worker.generation === generation || !worker.accepting) &&
    holders.every((worker) => worker.generation === generation && worker.nr < target) &&
    slots.every((nr) => holders.some((worker) => worker.nr === nr && worker.state === 'ready'))
  )
}
