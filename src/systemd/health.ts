// Runs in the arbiter: whether the server is worth keeping, for the watchdog of systemd, and how much longer
// a start, reload or stop may take. Pure.

import type { WorkerRecord } from '../arbiter/model/worker-record.ts'
import { holdsSlot } from '../arbiter/model/worker-state.ts'
import { mainService } from '../config/sources/service-plans.ts'
import type { Durations } from '../config/settings/durations.ts'

export type Phase = 'starting' | 'serving' | 'reloading' | 'stopping'

export interface Condition {
  readonly phase: Phase
  /** Of the app and of tasks. */
  readonly workers: readonly WorkerRecord[]
  /** How many workers of the app there should be. */
  readonly target: number
  readonly durations: Pick<Durations, 'hook_timeout'>
  readonly now: number
}

/**
 * Whether the watchdog may be fed. That this is called shows that the loop of the arbiter turns; while the
 * server starts or stops that is enough, because deadlines end both. `watchdog`: milliseconds of silence that
 * systemd allows.
 */
export function isWorthKeeping(condition: Condition, watchdog: number): boolean {
  const { phase, workers, target } = condition
  if (phase === 'starting' || phase === 'stopping' || target === 0) return true
  return workers.some((worker) => worker.service === mainService && isPromising(worker, condition, watchdog))
}

/** It serves and beats, or may still become ready. */
function isPromising(worker: WorkerRecord, { now }: Condition, watchdog: number): boolean {
  const { state, lastBeat, deadline, debugged, limits } = worker
  if (!holdsSlot(state)) return false
  if (debugged) return true // a person has stopped it
  if (state !== 'ready') return deadline === null || deadline > now
  // Without `timeout` only systemd replaces workers that are stuck.
  const silence = limits.silence === Infinity ? watchdog / 2 : limits.silence
  return now - lastBeat < silence
}

/** Milliseconds of one extension at most: more is requested in time, if it is still needed then. */
const longestStep = 30_000
/** Milliseconds beyond a deadline, for the arbiter to act on it and to exit. */
const margin = 5000

/**
 * Milliseconds that the phase may still need; undefined when no end of it is waited for, or no time is left.
 */
export function timeLeft({ phase, workers, durations, now }: Condition): number | undefined {
  if (phase === 'serving') return undefined
  const concerned =
    phase === 'stopping' ? workers : workers.filter(({ state }) => holdsSlot(state) && state !== 'ready')
  const lefts = concerned.map(({ deadline }) => (deadline === null ? longestStep : deadline - now))
  // Between two boots, and before and after the workers of a stop, hooks of the arbiter run.
  if (lefts.length === 0) lefts.push(durations.hook_timeout)
  const left = Math.max(...lefts)
  return left <= 0 ? undefined : Math.min(left, longestStep) + margin
}
