// An error as text, with its stack and its causes, for the error log and for the channel between processes.

import { inspect } from 'node:util'

export interface ErrorText {
  readonly message: string
  readonly stack: string
}

/** What was thrown, as an Error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

/**
 * Whatever was thrown: not every `throw` has an Error behind it, and a getter or an inspect function of its
 * own may throw again.
 */
export function describeError(error: unknown): ErrorText {
  try {
    if (error instanceof Error)
      return { message: String(error.message), stack: inspect(error, { colors: false, depth: 4 }) }
    const text = typeof error === 'string' ? error : inspect(error, { colors: false, depth: 2 })
    return { message: text, stack: `thrown without a stack: ${text}` }
  } catch {
    const text = 'an error that cannot be shown: looking at it throws'
    return { message: text, stack: text }
  }
}
