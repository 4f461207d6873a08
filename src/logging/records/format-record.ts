// The text format of a record of the error log or the app log, with gunicorn's layout. Runs in the worker or
// in the arbiter. Pure. A record starts at the left margin with `[`; all further lines are indented, and
// control characters escaped, so that no message can forge a record or control the terminal.

import { padMillis, padTwo, timeOfDay, utcOffset } from '../access/clock.ts'
import { escapeControl, escapeJson, jsonString } from '../access/escape.ts'
import { escapeBesidesColours } from './colours.ts'
import { mainService, type LogLevel, type LogRecord } from './record.ts'
import { isObject } from '../../os/type-checks.ts'

/** Not shown as `key=value`: shown in brackets, and the stream by its level (stdout INFO, stderr WARN). */
const headKeys: ReadonlySet<string> = new Set(['time', 'level', 'pid', 'msg', 'stream'])
/** Lines of text, each shown as a block. */
const blockKeys = ['in_flight', 'stack', 'stderr'] as const
/** Shown as part of the stack. */
const shownInStack: ReadonlySet<string> = new Set(['type', 'message', 'stack', 'cause', 'aggregateErrors'])

const colours = { trace: 90, debug: 36, info: 32, warn: 33, error: 31, fatal: 35 } as const satisfies Record<
  LogLevel,
  number
>

/** The process that runs preload(). */
export type OtherProcess = 'preload'

export interface TextOptions {
  readonly color: boolean
  /** Number of the worker; undefined in other processes. */
  readonly nr?: number | undefined
  /** Its thread, in one of several that serve. */
  readonly thread?: number | undefined
  /** Its task, in a process of a task pool. */
  readonly task?: string | undefined
  /** Its service; undefined in a server without further services. */
  readonly service?: string | undefined
  /** Another process than a worker or the arbiter. */
  readonly process?: OtherProcess | undefined
  /** Of the message. Default: they are escaped, like all control characters. */
  readonly keepsColours?: boolean
}

/**
 * `[2026-11-23 09:15:02.123 +0100] [pid] [INFO] [worker 2] message key=value`, or `[worker 2 thread 1]`,
 * `[live 0]` of a service, `[master]` or `[preload]`, then the stack of `err` and the lines of `stderr`; ends
 * in a newline.
 */
export function formatRecord(
  record: LogRecord,
  { color, nr, thread, task, service, process, keepsColours = false }: TextOptions,
): string {
  let line = `[${localTime(record.time)}] [${record.pid}] [${levelText(record.level, color)}]`
  line += ` [${process ?? whoOf(nr, thread, { task, service })}]`
  if (record.msg !== '')
    line += ` ${indentLines(record.msg, '    ', keepsColours ? escapeBesidesColours : escapeControl)}`
  for (const [key, value] of Object.entries(record)) {
    const isInHead =
      headKeys.has(key) ||
      (key === 'nr' && nr !== undefined) ||
      (key === 'thread' && value === thread) ||
      (key === 'task' && value === task) ||
      (key === 'service' && value === service) ||
      (key === 'process' && process !== undefined)
    if (isInHead || (isBlock(key) && isLines(value))) continue
    line += key === 'err' && isSerialisedError(value) ? errorFields(value) : field(key, value)
  }
  const stack = isSerialisedError(record.err) ? stackLines(record.err, '    ') : ''
  return `${line}${stack}${blockKeys.map((key) => block(key, record[key])).join('')}\n`
}

function whoOf(
  nr: number | undefined,
  thread: number | undefined,
  { task, service = mainService }: Pick<TextOptions, 'task' | 'service'>,
): string {
  if (nr === undefined) return 'master'
  if (task !== undefined) return `task ${task} ${nr}`
  const name = `${service === mainService ? 'worker' : service} ${nr}`
  return thread === undefined ? name : `${name} thread ${thread}`
}

function isBlock(key: string): boolean {
  return blockKeys.some((name) => name === key)
}

function localTime(iso: string): string {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return escapeControl(iso)
  const day = `${date.getFullYear()}-${padTwo(date.getMonth() + 1)}-${padTwo(date.getDate())}`
  return `${day} ${timeOfDay(date)}.${padMillis(date.getMilliseconds())} ${utcOffset(date)}`
}

function levelText(level: LogLevel, color: boolean): string {
  const name = level.toUpperCase()
  // an app's logger may have custom levels
  return color && Object.hasOwn(colours, level) ? `\u001b[${colours[level]}m${name}\u001b[39m` : name
}

function indentLines(text: string, indent: string, escape = escapeControl): string {
  const lines = text.trimEnd().split(/\r?\n/)
  return lines.map(escape).join(`\n${indent}`)
}

function isLines(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((line) => typeof line === 'string')
}

function block(name: string, lines: unknown): string {
  return !isLines(lines) || lines.length === 0
    ? ''
    : `\n    ${name}:${lines.map((line) => `\n        ${escapeControl(line)}`).join('')}`
}

function field(key: string, value: unknown): string {
  const shown = fieldValue(value)
  return shown === undefined ? '' : ` ${/^[\w.$@:/-]+$/.test(key) ? key : jsonString(key)}=${shown}`
}

function fieldValue(value: unknown): string | undefined {
  if (typeof value === 'string') return /^[^\s"'=\\\p{C}]+$/u.test(value) ? value : jsonString(value)
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  try {
    const json: string | undefined = JSON.stringify(value)
    return json === undefined ? undefined : escapeJson(json)
  } catch (error) {
    // a cycle, or a toJSON that throws: the record is written without this field
    return jsonString(`[not shown: ${error instanceof Error ? error.message : String(error)}]`)
  }
}

/** As pino's `errWithCause` serialiser writes it. */
interface SerialisedError {
  readonly stack: string
  readonly cause?: unknown
  readonly aggregateErrors?: unknown
}

function isSerialisedError(value: unknown): value is SerialisedError {
  return isObject(value) && typeof value['stack'] === 'string'
}

/** Other properties of the error: ` err.code=ECONNREFUSED err.port=5432`. */
function errorFields(error: SerialisedError): string {
  const rest = Object.entries(error).filter(
    ([key, value]) => !shownInStack.has(key) || (key === 'cause' && !isSerialisedError(value)),
  )
  return rest.map(([key, value]) => field(`err.${key}`, value)).join('')
}

/** The error of a task has the stack of its cause already, followed by that of the call. */
function hasNewCause(error: SerialisedError): error is SerialisedError & { readonly cause: SerialisedError } {
  return isSerialisedError(error.cause) && !error.stack.startsWith(error.cause.stack)
}

/** The stack, then the stacks of its causes, then, indented further, those of an AggregateError's errors. */
function stackLines(error: SerialisedError, indent: string, label = ''): string {
  const cause = hasNewCause(error) ? stackLines(error.cause, indent, 'caused by: ') : ''
  const own = `\n${indent}${label}${indentLines(error.stack, indent)}${cause}`
  if (!Array.isArray(error.aggregateErrors)) return own
  const inner = error.aggregateErrors.filter(isSerialisedError)
  return own + inner.map((each) => stackLines(each, `${indent}    `)).join('')
}
