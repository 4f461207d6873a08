// Checks the report that the watchdog thread of a worker sends to the arbiter about a stuck main thread: one
// line of JSON on a separate pipe, because the channel and the log pipe belong to the stuck thread.

import type { StuckPlace, StuckReport } from '../config/hooks/views.ts'

const places: readonly StuckPlace[] = ['javascript', 'native', 'waiting']

export function isStuckReport(value: unknown): value is StuckReport {
  if (typeof value !== 'object' || value === null) return false
  const report: Partial<Record<keyof StuckReport, unknown>> = value
  const { where, silent, step, stack, requests, more, heapUsed, heapLimit, rss } = report
  return (
    places.some((place) => place === where) &&
    [silent, more, rss].every((number) => typeof number === 'number') &&
    [heapUsed, heapLimit].every((bytes) => bytes === null || typeof bytes === 'number') &&
    (step === null || typeof step === 'string') &&
    [stack, requests].every(
      (lines) => Array.isArray(lines) && lines.every((line) => typeof line === 'string'),
    )
  )
}
