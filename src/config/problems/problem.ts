// A user's mistake, said so that the user can mend it: where it stands, which setting, what was found, what
// was expected.

import { inspect } from 'node:util'

export interface Problem {
  /** The file, `command line`, `TSGUN_CMD_ARGS` or `environment`. */
  readonly where: string
  /** The setting or hook as it was written there. */
  readonly name: string
  readonly message: string
}

/**
 * Every mistake that was found in the configuration, all at once. The process that meets it prints the lines
 * and exits with 1.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map(problemLine).join('\n'), options)
    this.problems = problems
  }
}

export function problemLine({ where, name, message }: Problem): string {
  return [where, name, message].filter((part) => part !== '').join(': ')
}

/** A value as it is shown in a message: one line, and not long. */
export function show(value: unknown): string {
  if (typeof value === 'function') return `a function (${value.name || 'anonymous'})`
  const text = asJson(value) ?? inspect(value, { breakLength: Infinity })
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

/**
 * Undefined for what JSON does not know: undefined itself, a symbol, a bigint, an object that holds itself.
 */
function asJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined // a TypeError, for the last two
  }
}
