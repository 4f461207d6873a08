// pino as the master and the workers use it for the error log and the app log: one set of fields, in the form
// that `log_format` asks for. Where the finished lines go is the caller's business: a sink in the master, the
// log pipe in a worker.

import { pino, type Logger } from 'pino'
import { escapeJson } from '../access/escape.ts'
import { describeError } from './describe-error.ts'
import { formatRecord } from './format-record.ts'
import type { LogLevel, LogRecord } from './record.ts'

export type { Logger } from 'pino'

export interface LoggerOptions {
  readonly level: LogLevel
  readonly format: 'text' | 'json'
  readonly color: boolean
  /** The fields that every record of this process has. */
  readonly base: RecordBase
  /** What may not be seen in the log. */
  readonly redact?: Redaction | undefined
  readonly write: (line: string) => void
}

export interface RecordBase {
  readonly pid: number
  readonly worker?: number
}

/** pino's own option, without its functions: settings cross from process to process. */
export type Redaction =
  | readonly string[]
  | {
      readonly paths: readonly string[]
      readonly censor?: string | undefined
      readonly remove?: boolean | undefined
    }

export function createLogger({ level, format, color, base, redact = [], write }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError },
      ...redactOption(redact),
    },
    {
      write: (json: string) => {
        const found = head.exec(json)
        // pino writes the level first; a child may have levels of its own
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

/** What pino itself writes at the start of a line. */
const head = /^\{"level":"(\w+)"(?:,"time":"([^"]*)")?/

interface TextParts {
  readonly level: LogLevel
  readonly time: string | undefined
  readonly base: RecordBase
  readonly color: boolean
}

/** An app may give fields the names of ours: what stands in the brackets is ours nevertheless. */
function textOf(json: string, { level, time, base, color }: TextParts): string {
  const record = parseLine(json)
  if (record === undefined) return `${escapeJson(json.trimEnd())}\n`
  const { msg = '' } = record // with an error and no message pino has written none
  const shown: LogRecord = {
    ...record,
    level,
    time: time ?? String(record['time']),
    ...base,
    msg: typeof msg === 'string' ? msg : JSON.stringify(msg),
  }
  return formatRecord(shown, { color })
}

/**
 * Undefined for what is no JSON: a child with a redaction of its own can make pino write that, and the line
 * is not to be lost.
 */
function parseLine(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(json) as Readonly<Record<string, unknown>> // a line of pino's is an object
  } catch {
    return undefined
  }
}

/** No option at all when there is nothing to hide: pino then looks at no field. */
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

/** Why a path cannot be one of `redact`; undefined when it can. */
export function redactPathProblem(path: string): string | undefined {
  try {
    pino({ redact: [path] }, { write: () => undefined })
    return undefined
  } catch (error) {
    // Some paths end in a TypeError of pino's own, which says nothing to anybody.
    return error instanceof TypeError ? 'it names no field' : describeError(error).message
  }
}

/** Whether records stay JSON: pino writes "undefined" for a message that is to be removed. */
export function keepsRecordsWhole(redact: Redaction): boolean {
  let line = ''
  pino(redactOption(redact), { write: (json: string) => void (line = json) }).info('message')
  return parseLine(line) !== undefined
}

/** pino's own, except for an error that cannot be looked at: the record is worth more than its stack. */
function serializeError(error: Error): unknown {
  try {
    return pino.stdSerializers.errWithCause(error)
  } catch {
    return describeError(error)
  }
}
