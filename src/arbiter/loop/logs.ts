// Runs in the arbiter: what it does about the log files besides writing them.

import type { LogName, Dropped } from '../../logging/log-names.ts'
import { describeError } from '../../logging/records/describe-error.ts'
import type { Emit } from '../model/events.ts'
import { accepted, type OrderResult } from '../model/orders.ts'

/** The log files, as far as the loop is concerned. */
export interface ManagedLogs {
  /** Does what is due by time. */
  tick(): void
  /** Lines that were lost since the last call. */
  takeDropped(): readonly Dropped[]
  /** A worker had to drop lines. */
  countLost(log: LogName, lines: number, service?: string): void
  reopen(): Promise<void>
  rotate(log: LogName | 'all'): Promise<void>
}

export interface LogParts {
  readonly logs: ManagedLogs
  readonly emit: Emit
}

/**
 * After logrotate has renamed them. A file that cannot be opened leaves the old one in use. Never rejects.
 */
export async function reopenLogs({ logs, emit }: LogParts): Promise<OrderResult> {
  try {
    await logs.reopen()
    emit({ type: 'logs_reopened' })
    return accepted
  } catch (error) {
    const why = `a log file could not be reopened, the old one stays open: ${describeError(error).message}`
    emit({ type: 'warning', message: why })
    return { taken: false, why }
  }
}

/**
 * On demand, without regard to `log_rotation`. Empty files, and logs that are not files, stay. Never rejects.
 */
export async function rotateLogs({ logs, emit }: LogParts, log: LogName | 'all'): Promise<OrderResult> {
  try {
    await logs.rotate(log) // each rotation is reported by itself
    return accepted
  } catch (error) {
    emit({ type: 'log_rotation_failed', name: log, error })
    return { taken: false, why: `it could not be rotated: ${describeError(error).message}` }
  }
}

/** Reports how many lines were lost since the last report, once lines can be written again. */
export function reportDropped({ logs, emit }: LogParts): void {
  for (const dropped of logs.takeDropped()) emit({ type: 'log_dropped', dropped })
}
