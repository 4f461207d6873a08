// Runs in the arbiter: what it does about the log files besides writing them.

import type { Channel } from '../../logging/channels.ts'
import { describeError } from '../../logging/records/describe-error.ts'
import type { LogFiles } from '../../logging/files/log-files.ts'
import type { SinkWatch } from '../../logging/files/sink.ts'
import type { Report } from '../model/events.ts'
import { taken, type Answer } from '../model/orders.ts'

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

/**
 * After logrotate has renamed them. A file that cannot be opened leaves the old one in use. Never rejects.
 */
export async function reopenLogs({ logs, report }: LogCare): Promise<Answer> {
  try {
    await logs.reopen()
    report({ type: 'logs_reopened' })
    return taken
  } catch (error) {
    const why = `a log file could not be reopened, the old one stays open: ${describeError(error).message}`
    report({ type: 'warning', message: why })
    return { taken: false, why }
  }
}

/**
 * On demand, whatever `log_rotation` says. A file that is empty, and a log that is no file, is left as it is.
 * Never rejects.
 */
export async function rotateLogs({ logs, report }: LogCare, channel: Channel | 'all'): Promise<Answer> {
  try {
    await logs.rotate(channel) // each rotation is reported by itself
    return taken
  } catch (error) {
    report({ type: 'log_rotation_failed', name: channel, error })
    return { taken: false, why: `it could not be rotated: ${describeError(error).message}` }
  }
}

/** Says how many lines were lost since it was said last, once lines can be written again. */
export function tellDropped({ logs, report }: LogCare): void {
  for (const dropped of logs.takeDropped()) report({ type: 'log_dropped', dropped })
}
