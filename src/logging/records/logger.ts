// The pino logger of the error log and the app log, in the arbiter and in workers: one set of fields, in the
// format of `log_format`. The caller writes the finished lines: to a sink in the arbiter, to the log pipe in
// a worker.

import { pino, type Logger } from 'pino'
import { escapeJson } from '../access/escape.ts'
import { describeError } from './describe-error.ts'
import { formatRecord, type OtherProcess } from './format-record.ts'
import { hideSecrets } from './hide-secrets.ts'
import type { LogLevel, LogRecord } from './record.ts'
import { said, unpack } from './said.ts'

export type { Logger } from 'pino'

export interface LoggerOptions {
  readonly level: LogLevel
  readonly format: 'text' | 'json'
  readonly color: boolean
  /** Fields of every record of this process. */
  readonly base: RecordBase
  /** Returns more fields of a record that is written now. Default: none. */
  readonly fields?: (() => Readonly<Record<string, unknown>>) | undefined
  /** Fields to hide in the log. Default: none. */
  readonly redact?: Redaction | undefined
  readonly write: (line: string) => void
}

export interface RecordBase {
  readonly pid: number
  /** Number of the worker; absent in other processes. */
  readonly nr?: number
  /** Its thread; absent where the main thread serves. */
  readonly thread?: number
  /** Its task; absent outside of the processes of tasks. */
  readonly task?: string
  /** Its service; absent in a server without further services. */
  readonly service?: string
  /** Absent in workers and in the arbiter. */
  readonly process?: OtherProcess
}

/** pino's `redact` option without functions, because settings are sent between processes. */
export type Redaction =
  | readonly string[]
  | {
      readonly paths: readonly string[]
      readonly censor?: string | undefined
      readonly remove?: boolean | undefined
    }

export function createLogger({
  level,
  format,
  color,
  base,
  fields: more,
  redact = [],
  write,
}: LoggerOptions): Logger {
  return pino(
    {
      level,
      base,
      ...(more && { mixin: () => ({ ...more() }) }),
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => (said in fields ? unpack(fields, format) : fields),
      },
      serializers: { err: serializeError },
      ...redactOption(redact),
    },
    {
      write: (json: string) => {
        const found = head.exec(json)
        // pino writes the level first; a child may have custom levels
        const written = (found?.[1] ?? 'info') as LogLevel
        write(
          format === 'json'
            ? escapeJson(json)
            : textOf(json, { level: written, time: found?.[2], base, color }),
        )
      },
    },
  )
}

/** The start of a line, which pino writes before the fields of the app. */
const head = /^\{"level":"(\w+)"(?:,"time":"([^"]*)")?/

interface TextParts {
  readonly level: LogLevel
  readonly time: string | undefined
  readonly base: RecordBase
  readonly color: boolean
}

/** The fields in brackets are the server's, even if the app logs fields with the same names. */
function textOf(json: string, { level, time, base, color }: TextParts): string {
  const record = parseLine(json)
  if (record === undefined) return `${escapeJson(json.trimEnd())}\n`
  const { msg = '' } = record // pino writes no message for an error without one
  const shown: LogRecord = {
    ...record,
    level,
    time: time ?? String(record['time']),
    ...base,
    msg: typeof msg === 'string' ? msg : JSON.stringify(msg),
  }
  return formatRecord(shown, {
    color,
    nr: base.nr,
    thread: base.thread,
    task: base.task,
    service: base.service,
    process: base.process,
  })
}

/** Undefined for invalid JSON, which a child with its own `redact` can make pino write. */
function parseLine(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(json) as Readonly<Record<string, unknown>> // pino writes objects
  } catch {
    return undefined
  }
}

/** Returns no option when no field is hidden, so that pino checks none. */
function redactOption(redact: Redaction): {
  redact?: { paths: string[]; censor?: string; remove?: boolean }
} {
  const { paths, censor, remove }: Exclude<Redaction, readonly string[]> =
    'paths' in redact ? redact : { paths: redact }
  if (paths.length === 0) return {}
  return {
    redact: {
      paths: [...paths],
      ...(censor === undefined ? {} : { censor }),
      ...(remove === undefined ? {} : { remove }),
    },
  }
}

/** Returns why pino rejects a path of `redact`; undefined when it accepts it. */
export function redactPathProblem(path: string): string | undefined {
  try {
    pino({ redact: [path] }, { write: () => undefined })
    return undefined
  } catch (error) {
    // for some paths pino throws a TypeError whose message does not help
    return error instanceof TypeError ? 'it does not name a field' : describeError(error).message
  }
}

/** Whether records stay valid JSON: pino writes `undefined` for a message that is removed. */
export function keepsRecordsWhole(redact: Redaction): boolean {
  let line = ''
  pino(redactOption(redact), { write: (json: string) => void (line = json) }).info('message')
  return parseLine(line) !== undefined
}

/**
 * pino's serialiser without credentials, except for an error that cannot be inspected: its record is still
 * written.
 */
function serializeError(error: Error): unknown {
  try {
    return hideSecrets(pino.stdSerializers.errWithCause(error))
  } catch {
    return describeError(error)
  }
}
