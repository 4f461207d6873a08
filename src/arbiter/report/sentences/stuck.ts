// The report of a stuck worker, as a sentence and as fields. Pure.

import type { StuckReport } from '../../../config/hooks/views.ts'

/** Where the worker is stuck, as the rest of a sentence about it. */
export function whereStuck({ where, step }: StuckReport): string {
  const during = step === null ? '' : `; ${step}`
  if (where === 'waiting') return `is waiting, not blocked: its event loop turns${during}`
  if (where === 'javascript') return `is stuck in JavaScript${during}`
  return (
    'is stuck in native code (for example a synchronous child process, a huge JSON.parse, zlib or an ' +
    'addon), ' +
    `which has no JavaScript stack${during}`
  )
}

export function stuckFields(report: StuckReport): Readonly<Record<string, unknown>> {
  const { where, silent, stack, requests, more, heapUsed, heapLimit, rss } = report
  const fields = {
    stuck_in: where,
    silent_ms: Math.round(silent),
    ...(heapUsed === null ? {} : { heap_used: heapUsed, heap_limit: heapLimit }),
    rss,
    in_flight: more === 0 ? requests : [...requests, `and ${more} more`],
    ...(stack.length === 0 ? {} : { stack }),
  }
  return fields
}
