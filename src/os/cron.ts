// Runs in the arbiter, only with `schedules`: cron expressions, by croner.

import { Cron } from 'croner'

export interface CronTable {
  /** The first time after this one, in milliseconds of the epoch; undefined when none follows. */
  next(after: number): number | undefined
}

/** `timezone`: null for that of this process. Throws an error that says what is wrong. */
export function parseCron(expression: string, timezone: string | null): CronTable {
  const cron = new Cron(expression, { paused: true, ...(timezone !== null && { timezone }) })
  return { next: (after) => cron.nextRun(new Date(after))?.getTime() }
}

/** Whether Node.js knows a time zone. */
export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false // a RangeError
  }
}
