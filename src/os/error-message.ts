// The message of any thrown value, which is never empty: it ends sentences. Any process.

import { inspect } from 'node:util'
import { rootCause } from './root-cause.ts'

/**
 * An error without a message has that of its root cause (Node's AggregateError of a refused connection), else
 * its code, else its name. May throw, if the getters of the value do.
 */
export function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return nonEmpty(thrown) ?? 'an empty text'
  const root = rootCause(thrown)
  const code = 'code' in thrown ? nonEmpty(thrown.code) : undefined
  const named = `${nonEmpty(thrown.name) ?? 'an error'} without a message`
  const messages = [thrown, root].map((error) => (error instanceof Error ? String(error.message) : error))
  return messages.map(nonEmpty).find((text) => text !== undefined) ?? code ?? named
}

function nonEmpty(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value : inspect(value, { colors: false, depth: 2 })
  return text.trim() === '' ? undefined : text
}
