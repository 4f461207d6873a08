// A line of JSON that an app has printed, as pino, bunyan and winston do: its level, time and message
// become those of the record, its other fields fields of the record. Runs in the arbiter. Pure.

import { isObject } from '../../os/type-checks.ts'
import { levels, logLevels, type LogLevel } from '../records/record.ts'

export interface JsonLine {
  /** Undefined when it names none that is known. */
  readonly level: LogLevel | undefined
  /** ISO 8601. */
  readonly time: string | undefined
  readonly msg: string | undefined
  readonly fields: Readonly<Record<string, unknown>>
}

/** Characters. Longer lines stay text, which bounds the work of the master. */
const longest = 65_536

/** Names of other loggers (winston, syslog, Google Cloud). */
const otherNames: ReadonlyMap<string, LogLevel> = new Map([
  ['silly', 'trace'],
  ['verbose', 'debug'],
  ['http', 'info'],
  ['notice', 'info'],
  ['warning', 'warn'],
  ['err', 'error'],
  ['critical', 'fatal'],
  ['crit', 'fatal'],
  ['alert', 'fatal'],
  ['emerg', 'fatal'],
  ['emergency', 'fatal'],
])

/** Names that the server has given another meaning: the app's value gets `app_` before its name. */
const taken: ReadonlySet<string> = new Set(['pid', 'nr', 'stream'])

/** Where loggers have them, the first that is there counts. */
const levelNames = ['level', 'severity'] as const
const timeNames = ['time', 'timestamp'] as const
const msgNames = ['msg', 'message'] as const

/**
 * Undefined for a line that is no JSON object, or has a level or a time of an unknown kind: it stays text.
 * `pid`: of the worker.
 */
export function readJsonLine(line: string, pid: number): JsonLine | undefined {
  const json = line.length <= longest && line.startsWith('{') && line.endsWith('}') ? parse(line) : undefined
  if (json === undefined) return undefined
  const [levelName, timeName, msgName] = [
    nameIn(json, levelNames),
    nameIn(json, timeNames),
    nameIn(json, msgNames),
  ]
  const level = levelOf(json[levelName])
  const time = timeOf(json[timeName])
  if (level === undefined && json[levelName] !== undefined) return undefined
  if (time === undefined && json[timeName] !== undefined) return undefined
  const fields: Record<string, unknown> = {}
  for (const name of Object.keys(json)) {
    if (name === levelName || name === timeName || name === msgName || name === '__proto__') continue
    if (name !== 'pid' || json[name] !== pid) fields[taken.has(name) ? `app_${name}` : name] = json[name]
  }
  return { level, time, msg: textOf(json[msgName]), fields }
}

function nameIn<Name extends string>(json: object, [first, second]: readonly [Name, Name]): Name {
  return !Object.hasOwn(json, first) && Object.hasOwn(json, second) ? second : first
}

function textOf(message: unknown): string | undefined {
  return typeof message === 'string' || message === undefined ? message : JSON.stringify(message)
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined // text with braces
  }
}

function levelOf(level: unknown): LogLevel | undefined {
  if (typeof level === 'number') return logLevels.findLast((name) => levels[name] <= level)
  if (typeof level !== 'string') return undefined
  const name = level.toLowerCase()
  return logLevels.find((each) => each === name) ?? otherNames.get(name)
}

function timeOf(time: unknown): string | undefined {
  if (typeof time !== 'number' && typeof time !== 'string') return undefined
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}
