// Why a value cannot be sent to another process: the place in it of what structured clone refuses. Any
// process, only after an attempt has failed.

import { serialize } from 'node:v8'
import { types } from 'node:util'
import { isObject } from './type-checks.ts'

export interface Uncloneable {
  /** `input.pages[3].onDone` */
  readonly path: string
  /** What is there: `a function`. */
  readonly what: string
}

/** How many values are tried: a large value that fails is not searched without end. */
const most = 10_000

/**
 * Returns the first part of `value` that cannot be cloned; undefined when all can, or when it was not found
 * in time. `name`: what the path begins with.
 */
export function findUncloneable(value: unknown, name: string): Uncloneable | undefined {
  const search: Search = { left: most, seen: new Set() }
  return isCloneable(value, search) ? undefined : findIn(value, name, search)
}

interface Search {
  left: number
  readonly seen: Set<unknown>
}

function findIn(value: unknown, path: string, search: Search): Uncloneable | undefined {
  search.seen.add(value)
  for (const [place, part] of partsOf(value)) {
    if (search.left <= 0) return undefined
    if (!search.seen.has(part) && !isCloneable(part, search)) return findIn(part, path + place, search)
  }
  return { path, what: nameOf(value) }
}

function isCloneable(value: unknown, search: Search): boolean {
  search.left -= 1
  try {
    serialize(value)
    return true
  } catch {
    return false // it is, or contains, what is looked for
  }
}

/** What structured clone visits, with its place: `.key`, `[index]`. */
function* partsOf(value: unknown): Generator<readonly [place: string, part: unknown]> {
  if (!isObject(value) || types.isProxy(value)) return
  if (value instanceof Map) {
    for (const [key, part] of value) {
      yield ['.keys()', key]
      yield [`.get(${typeof key === 'string' ? JSON.stringify(key) : String(key)})`, part]
    }
  } else if (value instanceof Set) {
    for (const part of value) yield ['.values()', part]
  }
  for (const key of Object.keys(value)) yield [placeOf(value, key), read(value, key)]
  if (value instanceof Error && 'cause' in value) yield ['.cause', value.cause]
}

function placeOf(owner: object, key: string): string {
  if (Array.isArray(owner)) return `[${key}]`
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}

function read(owner: object, key: string): unknown {
  try {
    return Reflect.get(owner, key)
  } catch {
    return undefined // a getter that throws: V8 says so itself
  }
}

function nameOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`
  if (types.isProxy(value)) return 'a Proxy'
  const name: unknown = read(Object.getPrototypeOf(value) ?? {}, 'constructor')
  return typeof name === 'function' && name.name !== '' ? `an instance of ${name.name}` : 'an object'
}
