// Runs in the arbiter: what it does about the log files besides writing them.

import { describeError } from '../logging/describe-error.ts'
import type { LogFiles } from '../logging/log-files.ts'
import type { Report } from './events.ts'

export interface LogCare {
  readonly logs: LogFiles
  readonly report: Report
}

/** After logrotate has renamed them. A file that cannot be opened leaves the old one in use. */
export function reopenLogs({ logs, report }: LogCare): void {
  logs.reopen().then(
    () => report({ type: 'logs_reopened' }),
    (error: unknown) =>
      report({
        type: 'warning',
        message: `a log file could not be reopened, the old one stays open: ${describeError(error).message}`,
      }),
  )
}

/** Says how many lines were lost since it was said last, once lines can be written again. */
export function tellDropped({ logs, report }: LogCare): void {
  for (const dropped of logs.takeDropped()) report({ type: 'log_dropped', dropped })
}
