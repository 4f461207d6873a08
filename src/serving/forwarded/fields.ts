// Runs in a worker, for each request of a trusted proxy: finds the headers that say where a request comes
// from. Most requests have none of them, or most of their headers are others, so that a header costs a look
// at its length and its first letter.

import type { ForwardedHeaderName } from '../../config/settings/forwarded-headers.ts'

/** The values of one request; several fields of a name are joined by a comma (RFC 9110, 5.2). */
export interface Fields {
  for?: string
  host?: string
  port?: string
  forwarded?: string
  /** X-Request-Start. */
  start?: string
  /** Each field of `secure_scheme_headers`, with the value that means https. */
  schemes?: { readonly value: string; readonly secure: string }[]
}

type Kind = Exclude<keyof Fields, 'schemes'> | { readonly secure: string }

const kindOf = {
  'X-Forwarded-For': 'for',
  'X-Forwarded-Host': 'host',
  'X-Forwarded-Port': 'port',
  Forwarded: 'forwarded',
} as const satisfies Record<ForwardedHeaderName, Kind>

/** Returns the values, or undefined when there is no such header. */
export type FindFields = (rawHeaders: readonly string[]) => Fields | undefined

export interface FieldNames {
  readonly forwarded_headers: readonly ForwardedHeaderName[]
  readonly secure_scheme_headers: Readonly<Record<string, string>>
}

export function compileFields(names: FieldNames): FindFields {
  const kinds = new Map<string, Kind>([
    ...names.forwarded_headers.map((name) => [name.toLowerCase(), kindOf[name]] as const),
    ['x-request-start', 'start'],
    ...Object.entries(names.secure_scheme_headers).map(
      ([name, secure]) => [name.toLowerCase(), { secure: secure.toLowerCase() }] as const,
    ),
  ])
  const find = nameFinder(kinds)
  return (rawHeaders) => {
    let fields: Fields | undefined
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const kind = find(rawHeaders[at] ?? '')
      if (kind !== undefined) add((fields ??= {}), kind, rawHeaders[at + 1] ?? '')
    }
    return fields
  }
}

/** Returns a function that finds the value of a header name in any case, fast without such a header. */
export function nameFinder<Value>(values: ReadonlyMap<string, Value>): (name: string) => Value | undefined {
  const longest = Math.max(0, ...[...values.keys()].map(({ length }) => length))
  const lengths = new Uint8Array(longest + 1)
  const letters = new Uint8Array(128)
  for (const name of values.keys()) {
    lengths[name.length] = 1
    letters[name.charCodeAt(0) | 0x20] = 1
  }
  return (name) => {
    if (lengths[name.length] !== 1 || letters[name.charCodeAt(0) | 0x20] !== 1) return undefined
    return values.get(name.toLowerCase())
  }
}

function add(fields: Fields, kind: Kind, value: string): void {
  if (typeof kind === 'object') (fields.schemes ??= []).push({ value, secure: kind.secure })
  else fields[kind] = fields[kind] === undefined ? value : `${fields[kind]},${value}`
}
