// pino as the master and the workers use it for the error log and the app log: one set of fields, in the form that `log_format` asks
// for. Where the finished lines go is the caller's business: a sink in the master, the log pipe in a worker.

import { pino } from 'pino'
import type { Logger } from 'pino'
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
      serializers: { err: pino.stdSerializers.errWithCause },
    },
    {
      write: (json: string) => {
        const found = /^\{"level":"(\w+)"/.exec(json)?.[1] as LogLevel | undefined // pino writes the level first, and only its own
        write(format === 'json' ? json : formatRecord(JSON.parse(json) as LogRecord, { color }), found ?? 'info') // pino's own line
      },
    },
  )
}
