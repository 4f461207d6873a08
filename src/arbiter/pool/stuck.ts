// Runs in the arbiter: how long it waits for the report of a stuck worker before it kills it. Pure.

import type { Settings } from '../../config/settings/table.ts'

/** Milliseconds from an abort to the kill. */
const plainLimit = 1000
/**
 * The same with a watchdog thread, which needs time: 1.5 s to recognise that native code blocks, 1 s for the
 * report and the last lines, 1 s for the hook.
 */
const watchedLimit = 4000
/** Milliseconds beyond boot_timeout, for the report. */
const bootLimit = 2500

type Watched = Pick<Settings, 'watchdog'>

export function abortLimit({ watchdog }: Watched): number {
  return watchdog ? watchedLimit : plainLimit
}

/**
 * The watchdog thread acts at the end of boot_timeout; the arbiter, if that has had no effect, this much
 * later.
 */
export function bootAllowance({ watchdog }: Watched): number {
  return watchdog ? bootLimit : 0
}
