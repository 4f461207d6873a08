// Runs in the arbiter: the limits of one worker, and whether it has passed them. Pure, except for the chance
// that is passed in.

import type { Durations } from '../../config/settings/durations.ts'
import type { Settings } from '../../config/settings/table.ts'
import type { Due, WorkerLimits } from '../model/limits.ts'
import type { WorkerLoad, WorkerRecord } from '../model/worker-record.ts'

export interface LimitSettings {
  readonly settings: Pick<
    Settings,
    'max_requests' | 'max_requests_jitter' | 'max_memory' | 'max_memory_jitter'
  >
  readonly durations: Pick<Durations, 'timeout'>
}

export interface LimitSources {
  /** Bytes that a percentage is of. */
  readonly memoryLimit: () => number
  /** From 0 to 1. */
  readonly random: () => number
}

/** For one worker, when it is started. */
export function drawLimits(
  { settings, durations }: LimitSettings,
  { memoryLimit, random }: LimitSources,
): WorkerLimits {
  const { max_requests, max_requests_jitter, max_memory, max_memory_jitter } = settings
  const bytes = (size: number | string): number => bytesOf(size, memoryLimit)
  return {
    requests: max_requests === 0 ? Infinity : max_requests + Math.floor(random() * (max_requests_jitter + 1)),
    memory:
      max_memory === null ? Infinity : bytes(max_memory) + Math.floor(random() * bytes(max_memory_jitter)),
    silence: durations.timeout === 0 ? Infinity : durations.timeout,
  }
}

function bytesOf(size: number | string, whole: () => number): number {
  return typeof size === 'number' ? size : Math.floor((whole() * Number.parseFloat(size)) / 100)
}

/** Whether the worker is due to be replaced, now that it has reported its load. */
export function dueAfter(
  { due, limits, load: before }: WorkerRecord,
  load: WorkerLoad,
  now: number,
): Due | null {
  if (due !== null) return due
  if (load.requests >= limits.requests) return { reason: 'max_requests', since: now }
  if (load.rss >= limits.memory) return { reason: 'max_memory', since: now }
  // Twice, because what fills the heap may be garbage that the next collection frees.
  return isHeapNearlyFull(before) && isHeapNearlyFull(load) ? { reason: 'heap', since: now } : null
}

function isHeapNearlyFull({ heapUsed, heapLimit }: WorkerLoad): boolean {
  return heapLimit > 0 && heapUsed > 0.9 * heapLimit
}

/**
 * Its first beat is above max_memory already: its replacement would be no better, and replacing would never
 * end.
 */
export function isBornTooLarge({ limits, load: before }: WorkerRecord, { rss }: WorkerLoad): boolean {
  return before.rss === 0 && rss >= limits.memory
}
