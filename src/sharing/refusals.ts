// Runs in the process of preload(): what cannot be shared with other processes, in a few words. What a
// structured clone would change without a word (a class instance loses its methods) is refused too.

import { types } from 'node:util'
import { exactViewKind } from '../os/views.ts'

/** Built-in objects that a structured clone keeps, besides plain objects, arrays, maps, sets and buffers. */
const kept: readonly ((value: unknown) => boolean)[] = [
  types.isDate,
  types.isRegExp,
  types.isNativeError,
  (value) => types.isBoxedPrimitive(value) && !types.isSymbolObject(value),
]

/** Built-in objects that belong to their process, by name. */
const bound: readonly (readonly [is: (value: unknown) => boolean, name: string])[] = [
  [types.isProxy, 'a Proxy'],
  [types.isPromise, 'a Promise (is an `await` missing?)'],
  [types.isWeakMap, 'a WeakMap'],
  [types.isWeakSet, 'a WeakSet'],
  [types.isGeneratorObject, 'a generator'],
  [types.isModuleNamespaceObject, 'a module'],
]

/** Returns why a value cannot be shared, itself and not its parts; undefined when it can. */
export function refusalOf(value: unknown): string | undefined {
  if (typeof value === 'function') return 'function'
  if (typeof value === 'symbol') return 'symbol'
  if (typeof value !== 'object' || value === null) return undefined
  const found = bound.find(([is]) => is(value))
  if (found !== undefined) return found[1]
  if (ArrayBuffer.isView(value))
    return exactViewKind(value) === -1 ? instance(value) : bufferRefusal(value.buffer)
  if (types.isAnyArrayBuffer(value)) return bufferRefusal(value)
  return kept.some((is) => is(value)) || isPlain(value) ? undefined : instance(value)
}

function bufferRefusal(buffer: ArrayBufferLike): string | undefined {
  if (types.isSharedArrayBuffer(buffer))
    return 'a SharedArrayBuffer: no process would see what another one writes; use an ArrayBuffer'
  if (Reflect.get(buffer, 'resizable') === true) return 'a resizable ArrayBuffer; use its slice()'
  return Reflect.get(buffer, 'detached') === true ? 'a detached ArrayBuffer' : undefined
}

/** Also one of another realm, for example of node:vm: the prototype of its prototype is null. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (Array.isArray(value)) return isOf(prototype, 'Array')
  if (types.isMap(value)) return isOf(prototype, 'Map')
  if (types.isSet(value)) return isOf(prototype, 'Set')
  return prototype === null || isRoot(prototype)
}

function isRoot(prototype: unknown): boolean {
  return (
    typeof prototype === 'object' &&
    prototype !== null &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, 'hasOwnProperty')
  )
}

/** Whether it is the prototype of a built-in class, not of one that extends it. */
function isOf(prototype: unknown, name: string): boolean {
  if (typeof prototype !== 'object' || prototype === null) return false
  return nameOf(prototype) === name && isRoot(Object.getPrototypeOf(prototype))
}

function instance(value: object): string {
  const name = nameOf(Object.getPrototypeOf(value))
  return `an instance of ${name === '' ? 'a class' : name}, which would lose its methods; return its data`
}

function nameOf(prototype: unknown): string {
  if (typeof prototype !== 'object' || prototype === null) return ''
  const made: unknown = Reflect.get(prototype, 'constructor')
  return typeof made === 'function' ? made.name : ''
}
