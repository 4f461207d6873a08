// Errors as text, with stack and causes, for the error log and for messages between processes. Any process.

import { inspect } from 'node:util'
import { messageOf } from '../../os/error-message.ts'

export interface ErrorText {
  readonly message: string
  readonly stack: string
}

/** Returns a thrown value as an Error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

/**
 * Describes any thrown value. Never throws: the value may not be an Error, and its getters or its own inspect
 * function may throw.
 */
export function describeError(error: unknown): ErrorText {
  try {
    if (error instanceof Error)
      return { message: messageOf(error), stack: inspect(error, { colors: false, depth: 4 }) }
    const text = messageOf(error)
    return { message: text, stack: `thrown without a stack: ${text}` }
  } catch {
    const text = 'an error that cannot be shown: inspecting it throws'
    return { message: text, stack: text }
  }
}
