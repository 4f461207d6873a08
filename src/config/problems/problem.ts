// A problem in the configuration: its source, the setting, what was expected and what was found. Arbiter and
// command line.

import { inspect } from 'node:util'

export interface Problem {
  /** The file, `command line`, `TSGUN_CMD_ARGS` or `environment`. */
  readonly where: string
  /** The setting, flag or hook as written there. */
  readonly name: string
  readonly message: string
  /** What hints.ts needs to find out what was meant. */
  readonly mistake?: Mistake
}

/** How a source is written: 022 is octal for `text`, an error in `code`, and 22 in `json` and `yaml`. */
export type Format = 'code' | 'json' | 'yaml' | 'text'

export type Mistake =
  | { readonly about: 'setting'; readonly name: string; readonly value: unknown }
  | { readonly about: 'flag'; readonly flag: string; readonly value: string | undefined }
  | { readonly about: 'part'; readonly setting: string; readonly path: readonly string[] }
  | WrongValue

/** A value that its schema refuses. */
export interface WrongValue {
  readonly about: 'value'
  readonly setting: string
  /** Empty for the whole value; else the names of the part. */
  readonly path: readonly string[]
  readonly value: unknown
  readonly format: Format
}

/** All problems of the configuration. The start prints them, one per line, and exits with code 1. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  /** Of the command: `refused` of ipc/exit-codes.ts. */
  readonly exitCode: number = 1
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map(problemLine).join('\n'), options)
    this.problems = problems
  }
}

/** Formats a problem as `where: name: message`. */
export function problemLine({ where, name, message }: Problem): string {
  return [where, name, message].filter((part) => part !== '').join(': ')
}

/** Formats a value for a message: one line of at most 80 characters, and nothing of a private key. */
export function show(value: unknown): string {
  if (typeof value === 'function') return `a function (${value.name || 'anonymous'})`
  const text = asJson(value) ?? inspect(value, { breakLength: Infinity })
  if (text.includes('-----BEGIN ')) return 'a text in PEM'
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

/** Stands before a text that is no JSON. */
const mark = '\u0001'

/** Undefined for a symbol, a bigint, a circular object. NaN and undefined stay what they are. */
function asJson(value: unknown): string | undefined {
  try {
    const json = JSON.stringify(value, (_, part: unknown) =>
      hasNoJson(part) ? `${mark}${nameOf(part)}` : part,
    )
    return json.replace(/"\\u0001([^"]*)"/g, '$1')
  } catch {
    return undefined // a TypeError for a bigint or a circular object
  }
}

function hasNoJson(part: unknown): boolean {
  return (
    part === undefined ||
    typeof part === 'function' ||
    typeof part === 'symbol' ||
    (typeof part === 'number' && !Number.isFinite(part))
  )
}

function nameOf(part: unknown): string {
  return typeof part === 'function' ? 'a function' : String(part)
}
