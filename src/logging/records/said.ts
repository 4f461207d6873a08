// Any process: fields that the sentence of a record says already. The JSON form has them, the text form
// does not.

import type { WorkerEvent } from './worker-events.ts'

/** A key of the fields that are passed to a logger. */
export const said: unique symbol = Symbol.for('tsgun.said')

/**
 * In a worker: the event of a record, and fields: `log().error({ err, ...saying('request_failed', { path
 * }) })`.
 */
export function saying(event: WorkerEvent, fields: object = {}): { readonly [said]: object } {
  return { [said]: { event, ...fields } }
}

/** Returns the fields as the form of a log has them. */
export function unpack(fields: object, format: 'text' | 'json'): Record<string, unknown> {
  const { [said]: inSentence, ...others }: { [said]?: object } = fields
  return format === 'json' ? { ...inSentence, ...others } : others
}
