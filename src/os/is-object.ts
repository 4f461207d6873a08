// A check for values from outside, such as parsed JSON. Any process.

/** Whether `value` is an object, also an array, whose fields can be read; not null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
