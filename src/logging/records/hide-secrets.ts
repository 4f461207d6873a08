// Workers and the arbiter: hides credentials in the fields of a logged error. Clients such as axios attach
// the whole request to their errors, with its headers. Pure.

import { isObject } from '../../os/type-checks.ts'

const secretNames: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
])

/** The same in the text of a request, such as `_header` of Node's ClientRequest. */
const secretLines = /^((?:proxy-)?authorization|(?:set-)?cookie|x-api-key):.*$/gim

export const hidden = '[Redacted]'
/** An error with more than this is cut by pino's own limits. */
const mostDepth = 8

/** Returns a copy without credentials; the value itself when it has none. */
export function hideSecrets(value: unknown, parents: readonly unknown[] = []): unknown {
  if (typeof value === 'string') return value.replace(secretLines, `$1: ${hidden}`)
  if (!isObject(value) || parents.length >= mostDepth || parents.includes(value)) return value
  if (Array.isArray(value)) return hideInList(value, [...parents, value])
  return hideInObject(value, [...parents, value])
}

/** Also a list of headers as `rawHeaders` has it: name, value, name, value. */
function hideInList(list: readonly unknown[], parents: readonly unknown[]): unknown {
  const copy = list.map((each, at) => (isSecret(list[at - 1]) ? hidden : hideSecrets(each, parents)))
  return copy.some((each, at) => each !== list[at]) ? copy : list
}

function hideInObject(value: Readonly<Record<string, unknown>>, parents: readonly unknown[]): unknown {
  const changed = Object.entries(value).flatMap(([name, field]) => {
    const shown = isSecret(name) && field !== undefined ? hidden : hideSecrets(field, parents)
    return shown === field ? [] : [[name, shown] as const]
  })
  if (changed.length === 0) return value
  // With the prototype: a serialised error has its methods there.
  const copy: object = Object.create(
    Object.getPrototypeOf(value) as object | null,
    Object.getOwnPropertyDescriptors(value),
  )
  for (const [name, shown] of changed)
    Object.defineProperty(copy, name, { value: shown, enumerable: true, configurable: true, writable: true })
  return copy
}

const isSecret = (name: unknown): boolean => typeof name === 'string' && secretNames.has(name.toLowerCase())
