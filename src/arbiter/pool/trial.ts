// Runs in the arbiter: the trial of a new generation. Some releases boot and crash a moment later. So the
// first worker of a reload, and those of the new master of an upgrade, wait that long before they listen, and
// a later one that dies that soon fails the reload as if it had not booted (the verdict says so). Pure.

import { trialTime } from '../model/death/verdict.ts'
import type { WorkerRecord } from '../model/worker-record.ts'

/**
 * Milliseconds that a worker which a reload starts now waits before it listens. Only while the old generation
 * serves, or another master does: where no worker serves, an app that may crash is better than none.
 */
export function trialOf(workers: readonly WorkerRecord[], generation: number, othersServe = false): number {
  const serving = workers.filter(({ state }) => state === 'ready')
  const isProven = serving.some((worker) => worker.generation === generation)
  return isProven || (serving.length === 0 && !othersServe) ? 0 : trialTime
}
