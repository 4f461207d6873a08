// Runs in `tsgunctl`: which records `tsgunctl logs` shows, by its options.

import { routes } from '../../control/routes.ts'
import { didYouMean } from '../../config/problems/did-you-mean.ts'
import { logLevels, type LogLevel } from '../../logging/records/record.ts'

/** An option with a value that is not possible. */
export class WrongOption extends Error {
  override readonly name = 'WrongOption'
}

export interface WantedRecords {
  /** The number of latest records. */
  readonly latest: number
  readonly level: LogLevel | undefined
  readonly pattern: RegExp | undefined
  /** Whether each is shown with the name of its log. */
  readonly areNamed: boolean
  readonly follow: boolean
}

/** Throws a WrongOption. */
export function wantedRecords({
  log,
  follow,
  lines = 10,
  level,
  grep,
}: Readonly<Record<string, unknown>>): WantedRecords {
  if (typeof lines !== 'number' || lines < 0) throw wrong('lines', lines)
  if (level !== undefined && log === 'access') throw new WrongOption('--level: the access log has no levels')
  return {
    latest: lines,
    level: levelOf(level),
    pattern: patternOf(grep),
    areNamed: log === undefined,
    follow: follow === true,
  }
}

function levelOf(value: unknown): LogLevel | undefined {
  const name = typeof value === 'string' ? value.toLowerCase() : value
  const known = logLevels.find((each) => each === name)
  if (value === undefined || known !== undefined) return known
  const near = didYouMean(String(value), logLevels)
  throw wrong('level', value, near === undefined ? '' : `; did you mean ${near}?`)
}

function patternOf(text: unknown): RegExp | undefined {
  if (typeof text !== 'string') return undefined
  try {
    return new RegExp(text, 'u')
  } catch (error) {
    throw wrong('grep', text, error instanceof Error ? `: ${error.message}` : '')
  }
}

function wrong(name: 'lines' | 'level' | 'grep', value: unknown, more = ''): WrongOption {
  return new WrongOption(
    `--${name}: expected ${routes.logs.fields[name].expects}; got ${String(value)}${more}`,
  )
}
