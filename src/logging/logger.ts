// pino as the master and the workers use it for the error log and the app log: one set of fields, in the form that `log_format` asks
// for. Where the finished lines go is the caller's business: a sink in the master, the log pipe in a worker.

import { pino } from 'pino'
import type { Logger } from 'pino'
import { escapeJson } from './access/escape.ts'
import { describeError } from './describe-error.ts'
import { formatRecord } from './format-record.ts'
import type { LogLevel, LogRecord } from './record.ts'

export type { Logger } from 'pino'

export interface LoggerOptions {
  readonly level: LogLevel
  readonly format: 'text' | 'json'
  readonly color: boolean
  /** The fields that every record of this process has. */
  readonly base: { readonly pid: number; readonly worker?: number }
  readonly write: (line: string, level: LogLevel) => void
}

export function createLogger({ level, format, color, base, write }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError },
    },
    {
      write: (json: string) => {
        const found = /^\{"level":"(\w+)"/.exec(json)?.[1] as LogLevel | undefined // pino writes the level first, and only its own
        write(format === 'json' ? escapeJson(json) : textOf(json, color), found ?? 'info')
      },
    },
  )
}

function textOf(json: string, color: boolean): string {
  const record = JSON.parse(json) as LogRecord // pino's own line
  // With an error and no message pino has written none.
  return formatRecord('msg' in record ? record : Object.assign(record, { msg: '' }), { color })
}

/** pino's own, except for an error that cannot be looked at: the record is worth more than its stack. */
function serializeError(error: Error): unknown {
  try {
    return pino.stdSerializers.errWithCause(error)
  } catch {
    return describeError(error)
  }
}
