// Runs in the arbiter: how long it waits for what the watchdog thread of a worker has to tell, and the
// sentence that it makes of it. Pure.

import type { Settings } from '../../config/settings/table.ts'
import type { StuckReport } from '../../config/hooks/views.ts'

/** Milliseconds from an abort to the kill. */
const plainLimit = 1000
/**
 * The same when a watchdog thread needs time: 1.5 s to know that native code blocks, 1 s for the report and
 * the last lines, 1 s for the hook.
 */
const watchedLimit = 4000
/** Milliseconds beyond boot_timeout, for the report. */
const bootLimit = 2500

type Watched = Pick<Settings, 'watchdog'>

export function abortLimit(settings: Watched | undefined): number {
  return settings?.watchdog === true ? watchedLimit : plainLimit
}

/**
 * The watchdog thread acts when boot_timeout is over; the arbiter, if nothing has come of it, so much later.
 */
export function bootAllowance({ watchdog }: Watched): number {
  return watchdog ? bootLimit : 0
}

/** What holds the worker up, as the rest of a sentence about it. */
export function whatHolds({ where, step }: StuckReport): string {
  const during = step === null ? '' : `; ${step}`
  if (where === 'waiting')
    return `has nothing to do: its event loop turns${during}, which waits for something that does not come`
  if (where === 'javascript') return `is stuck in JavaScript${during}`
  return (
    'is stuck in native code (a synchronous child process, a huge JSON.parse, zlib, an addon, say), ' +
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
