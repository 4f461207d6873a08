// Runs in the arbiter: whether the server is worth keeping, for the watchdog, and how much longer a start,
// reload or stop may still take. Pure.

import type { Settings } from '../config/settings/table.ts'
import type { WorkerRecord } from '../arbiter/model/worker-record.ts'
import { holdsSlot } from '../arbiter/model/worker-state.ts'

export type Phase = 'starting' | 'serving' | 'reloading' | 'stopping'

export interface Condition {
  readonly phase: Phase
  readonly workers: readonly WorkerRecord[]
  /** How many workers there should be. */
  readonly target: number
  readonly settings: Pick<Settings, 'timeout' | 'hook_timeout'>
  readonly now: number
}

/**
 * Whether the watchdog may be fed. Who asks shows that the master's loop turns; while it starts or stops,
 * that is all there is to show, for deadlines end both. `watchdog`: milliseconds of silence that systemd
 * allows.
 */
export function isWorthKeeping(condition: Condition, watchdog: number): boolean {
  const { phase, workers, target } = condition
  if (phase === 'starting' || phase === 'stopping' || target === 0) return true
  return workers.some((worker) => isPromising(worker, condition, watchdog))
}

/** It serves and beats, or may still become ready. */
function isPromising(worker: WorkerRecord, { settings, now }: Condition, watchdog: number): boolean {
  const { state, lastBeat, deadline, debugged } = worker
  if (!holdsSlot(state)) return false
  if (debugged) return true // it is stopped on purpose
  if (state !== 'ready') return deadline === null || deadline > now
  // Without `timeout` nobody but systemd replaces workers that are stuck.
  const silence = settings.timeout > 0 ? settings.timeout * 1000 : watchdog / 2
  return now - lastBeat < silence
}

/**
 * Milliseconds by which a limit is extended at most: what is left after that is asked for in time, if it is
 * still needed then.
 */
const longestStep = 30_000
/** Milliseconds beyond a deadline, for the master to act on it and to end. */
const margin = 5000

/**
 * Milliseconds that the phase may still need; undefined when it has no end that is waited for, or no time is
 * left.
 */
export function timeLeft({ phase, workers, settings, now }: Condition): number | undefined {
  if (phase === 'serving') return undefined
  const concerned =
    phase === 'stopping' ? workers : workers.filter(({ state }) => holdsSlot(state) && state !== 'ready')
  const lefts = concerned.map(({ deadline }) => (deadline === null ? longestStep : deadline - now))
  // Between a boot and the next, and before and after the workers of a stop, hooks of the master run.
  if (lefts.length === 0) lefts.push(settings.hook_timeout * 1000)
  const left = Math.max(...lefts)
  return left <= 0 ? undefined : Math.min(left, longestStep) + margin
}
