// A problem in the configuration: its source, the setting, what was expected and what was found. Arbiter and
// command line.

import { inspect } from 'node:util'

export interface Problem {
  /** The file, `command line`, `TSGUN_CMD_ARGS` or `environment`. */
  readonly where: string
  /** The setting, flag or hook as written there. */
  readonly name: string
  readonly message: string
}

/** All problems of the configuration. The start prints them, one per line, and exits with code 1. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
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

/** Formats a value for a message: one line of at most 80 characters. */
export function show(value: unknown): string {
  if (typeof value === 'function') return `a function (${value.name || 'anonymous'})`
  const text = asJson(value) ?? inspect(value, { breakLength: Infinity })
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

/** Undefined for values without JSON: undefined, a symbol, a bigint, a circular object. */
function asJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined // a TypeError for a bigint or a circular object
  }
}
