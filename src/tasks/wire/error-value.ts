// An error of a task as plain data, and back: structured clone would lose the properties of an error, and
// fail for one that cannot be cloned. Both processes. Pure.

import { messageOf } from '../../os/error-message.ts'
import { findUncloneable } from '../../os/find-uncloneable.ts'
import { withoutOwnFrames } from '../../os/own-frames.ts'
import { isObject } from '../../os/type-checks.ts'

export interface ErrorValue {
  /** False when something else than an Error was thrown; then `message` describes it. */
  readonly isError: boolean
  readonly name: string
  readonly message: string
  /** Without the frames of tsgun. */
  readonly stack: string
  /** Own enumerable properties that can be cloned. */
  readonly properties: Readonly<Record<string, unknown>>
  readonly cause: ErrorValue | undefined
  /** What was thrown, when it is no Error and can be cloned. */
  readonly thrown: unknown
}

/** Causes of causes are kept this far. */
const deepest = 8

/** Never throws, even if the getters of the value do. */
export function describeThrown(thrown: unknown, depth = 0): ErrorValue {
  try {
    return thrown instanceof Error ? describeError(thrown, depth) : describeValue(thrown)
  } catch {
    return plain('an error that cannot be shown: inspecting it throws')
  }
}

function describeError(error: Error, depth: number): ErrorValue {
  const { cause } = error
  return {
    isError: true,
    name: String(error.name),
    message: String(error.message),
    stack: withoutOwnFrames(String(error.stack ?? '')),
    properties: cloneableProperties(error),
    cause: cause === undefined || depth === deepest ? undefined : describeThrown(cause, depth + 1),
    thrown: undefined,
  }
}

function describeValue(thrown: unknown): ErrorValue {
  return { ...plain(messageOf(thrown)), thrown: isCloneable(thrown) ? thrown : undefined }
}

function plain(message: string): ErrorValue {
  const [isError, name, stack] = [false, 'Error', '']
  return { isError, name, message, stack, properties: {}, cause: undefined, thrown: undefined }
}

function cloneableProperties(error: Error): Readonly<Record<string, unknown>> {
  const kept = Object.entries(error).filter(([key, value]) => key !== 'cause' && isCloneable(value))
  return Object.fromEntries(kept)
}

function isCloneable(value: unknown): boolean {
  return findUncloneable(value, 'error') === undefined
}

/** The error again, as an Error of this process; or the value that was thrown instead of one. */
export function restoreThrown(value: ErrorValue): unknown {
  if (!value.isError) return value.thrown ?? new Error(value.message)
  const { name, message, stack, cause, properties } = value
  const error = new Error(message, cause === undefined ? undefined : { cause: restoreThrown(cause) })
  // Not assigned: that would call setters, such as __proto__.
  for (const [key, property] of Object.entries(properties))
    Object.defineProperty(error, key, {
      value: property,
      writable: true,
      enumerable: true,
      configurable: true,
    })
  return giveIdentity(error, name, stack)
}

/** Gives an error the name and the stack of another one. */
export function giveIdentity<Thrown extends Error>(error: Thrown, name: string, stack: string): Thrown {
  for (const [key, value] of Object.entries({ name, stack }))
    Object.defineProperty(error, key, { value, writable: true, enumerable: false, configurable: true })
  return error
}

/** Checks what has arrived. Returns undefined for any other value. */
export function parseErrorValue(value: unknown, depth = 0): ErrorValue | undefined {
  if (!isObject(value) || depth > deepest) return undefined
  const { isError, name, message, stack, properties, cause, thrown } = value
  if (typeof isError !== 'boolean' || typeof name !== 'string' || typeof message !== 'string')
    return undefined
  if (typeof stack !== 'string' || !isObject(properties)) return undefined
  const inner = cause === undefined ? undefined : parseErrorValue(cause, depth + 1)
  return { isError, name, message, stack, properties, cause: inner, thrown }
}
