// Runs in the arbiter: what it does about the log files besides writing them.

import type { Channel } from '../logging/channels.ts'
import { describeError } from '../logging/describe-error.ts'
import type { LogFiles } from '../logging/log-files.ts'
import type { SinkWatch } from '../logging/sink.ts'
import type { Report } from './events.ts'

export interface LogCare {
  readonly logs: LogFiles
  readonly report: Report
}

/** What becomes of the logs, as events. */
export function watchLogs(report: Report): SinkWatch {
  return {
    failed: (name, error) => report({ type: 'log_failed', name, error }),
    recovered: (name) => report({ type: 'log_recovered', name }),
    rotated: (name) => report({ type: 'log_rotated', name }),
    rotationFailed: (name, error) => report({ type: 'log_rotation_failed', name, error }),
    archiveFailed: (name, error) => report({ type: 'log_archive_failed', name, error }),
  }
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

/** On demand, whatever `log_rotation` says. A file that is empty, and a log that is no file, is left as it is. */
export function rotateLogs({ logs, report }: LogCare, channel: Channel | 'all'): void {
  logs.rotate(channel).then(
    () => undefined, // each rotation is reported by itself
    (error: unknown) => report({ type: 'log_rotation_failed', name: channel, error }),
  )
}

/** Says how many lines were lost since it was said last, once lines can be written again. */
export function tellDropped({ logs, report }: LogCare): void {
  for (const dropped of logs.takeDropped()) report({ type: 'log_dropped', dropped })
}
