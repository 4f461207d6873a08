// Runs in the arbiter: the trial of a new generation. Some releases boot and crash a moment later. So the
// first worker of a reload waits that long before it listens, and a later one that dies so soon fails the
// reload as if it had not booted. Pure.

import type { ProcessEnd } from '../model/commands.ts'
import { endedBy, exitReason, howEnded } from '../model/verdict.ts'
import { wasOrdered, type WorkerRecord } from '../model/worker-record.ts'

/** Milliseconds. */
export const trialTime = 1000

/**
 * Milliseconds that the worker which a reload starts now waits before it listens. Only while the old
 * generation serves: where nobody does, an app that may crash is better than none.
 */
export function trialOf(workers: readonly WorkerRecord[], generation: number): number {
  const serving = workers.filter(({ state }) => state === 'ready')
  const isProven = serving.some((worker) => worker.generation === generation)
  return isProven || serving.length === 0 ? 0 : trialTime
}

/** Whether a worker served, and died of itself before it had lasted as long as a trial. */
export function diedOnTrial(worker: WorkerRecord, end: ProcessEnd, now: number): boolean {
  if (worker.readyAt === null || wasOrdered(worker) || now - worker.readyAt > trialTime) return false
  return endedBy(worker, end) === 'itself' || exitReason(worker, end) === 'oom'
}

export function whyOnTrial(worker: WorkerRecord, end: ProcessEnd): string {
  return `a worker died within ${trialTime / 1000} s after it was ready: it ${howEnded(worker, end)}`
}
