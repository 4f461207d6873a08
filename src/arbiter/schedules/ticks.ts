// Runs in the arbiter: which times of a schedule have come since the last one that was looked at. Pure. A
// time counts once, whatever the clock of the machine does: only later times than the last one count.

import type { CronTable } from '../../os/cron.ts'

/** Milliseconds by which a run may be late, for example because the server was restarted. */
export const tolerance = 60_000
/** Further times are only known to be more. */
const mostCounted = 1000

export interface Missed {
  /** At most 1,000. */
  readonly count: number
  /** The first and the last of them, in milliseconds of the epoch. */
  readonly from: number
  readonly to: number
}

export interface Ticks {
  /** The time whose run is due now; undefined when none is. */
  readonly due: number | undefined
  readonly missed: Missed | undefined
  /** What is looked at from now on. */
  readonly last: number
}

/** `last` and `now`: milliseconds of the epoch. */
export function ticksSince(table: CronTable, last: number, now: number): Ticks {
  const passed: number[] = []
  for (let next = table.next(last); next !== undefined && next <= now; next = table.next(next)) {
    passed.push(next)
    if (passed.length > mostCounted) break
  }
  const newest = passed.at(-1)
  if (newest === undefined) return { due: undefined, missed: undefined, last }
  const isLate = now - newest > tolerance
  const [from, ...more] = isLate ? passed : passed.slice(0, -1)
  return {
    due: isLate ? undefined : newest,
    missed: from === undefined ? undefined : { count: more.length + 1, from, to: more.at(-1) ?? from },
    last: passed.length > mostCounted ? now : newest,
  }
}
