// What a value of the app is, in a few words for a message. Runs in a worker. Pure.

import { isThenable } from '../../os/type-checks.ts'
import { isClass, read } from './shapes.ts'

export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (isClass(value)) return 'a class'
  if (isThenable(value)) return 'a promise'
  if (Array.isArray(value)) return 'an array'
  if (typeof value !== 'object') return value === undefined ? 'undefined' : `a ${typeof value}`
  const type: unknown = read(read(value, 'constructor'), 'name')
  return typeof type === 'string' && type !== 'Object' && type !== '' ? `an instance of ${type}` : 'an object'
}
