// Runs in the arbiter: how much one worker may do and hold before another takes its place, and whether it
// has. Pure, but for the chance that is passed in.

import type { Settings } from '../../config/settings/table.ts'
import type { WorkerLoad, WorkerRecord } from './worker-record.ts'

/** Infinity is no limit. */
export interface WorkerLimits {
  readonly requests: number
  /** Bytes of RSS. */
  readonly memory: number
}

/** `heap`: V8 is about to end the process, because the heap is full. */
export const dueReasons = ['max_requests', 'max_memory', 'heap'] as const
export type DueReason = (typeof dueReasons)[number]

/** The worker is to be replaced. What was once decided stays, even if the memory shrinks again. */
export interface Due {
  readonly reason: DueReason
  /** Since when, in monotonic milliseconds. */
  readonly since: number
}

export const noLimits: WorkerLimits = { requests: Infinity, memory: Infinity }

type LimitSettings = Pick<
  Settings,
  'max_requests' | 'max_requests_jitter' | 'max_memory' | 'max_memory_jitter'
>

/** For one worker, once. `whole` is what a percentage is of; `chance` is from 0 to 1. */
export function drawLimits(settings: LimitSettings, whole: () => number, chance: () => number): WorkerLimits {
  const { max_requests, max_requests_jitter, max_memory, max_memory_jitter } = settings
  return {
    requests: max_requests === 0 ? Infinity : max_requests + Math.floor(chance() * (max_requests_jitter + 1)),
    memory:
      max_memory === null
        ? Infinity
        : bytesOf(max_memory, whole) + Math.floor(chance() * bytesOf(max_memory_jitter, whole)),
  }
}

function bytesOf(size: number | string, whole: () => number): number {
  return typeof size === 'number' ? size : Math.floor((whole() * Number.parseFloat(size)) / 100)
}

/** Whether it is due, now that it has said how much it does and holds. */
export function dueAfter(
  { due, limits, load: before }: WorkerRecord,
  load: WorkerLoad,
  now: number,
): Due | null {
  if (due !== null) return due
  if (load.requests >= limits.requests) return { reason: 'max_requests', since: now }
  if (load.rss >= limits.memory) return { reason: 'max_memory', since: now }
  // Twice, because what fills the heap may be garbage that the next collection finds.
  return isHeapNearlyFull(before) && isHeapNearlyFull(load) ? { reason: 'heap', since: now } : null
}

function isHeapNearlyFull({ heapUsed, heapLimit }: WorkerLoad): boolean {
  return heapLimit > 0 && heapUsed > 0.9 * heapLimit
}

/**
 * With its first beat it has more than it may: another one would be no better, and replacing them would never
 * end.
 */
export function isBornTooLarge({ limits, load: before }: WorkerRecord, { rss }: WorkerLoad): boolean {
  return before.rss === 0 && rss >= limits.memory
}
