// Checks for values from outside, such as parsed JSON or what a user's module exports. Any process.

/** Whether `value` is an object, also an array, whose fields can be read; not null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** Whether `value` is an object with names and values: not an array, not null. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return isObject(value) && !Array.isArray(value)
}

/** Whether `value` is a promise or another object with `then`. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && typeof value['then'] === 'function'
}
