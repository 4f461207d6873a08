// Whether JSON carries a value exactly as structured clone does: then it is several times as fast, and
// programs in other languages can read it. Any process. Pure.

/** Larger values take the other way: to look at them would cost more than it saves. */
const most = 64

/** Strings, finite numbers, booleans and null, in plain objects and arrays without any part twice. */
export function isPlain(value: unknown): boolean {
  return typeof value === 'object' ? isPlainObject(value, []) : isPlainValue(value)
}

function isPlainValue(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
    default:
      return false
  }
}

/** `seen`: a part that is there twice would become two, and one that contains itself has no JSON. */
function isPlainObject(value: object | null, seen: object[]): boolean {
  if (value === null) return true
  if (seen.length >= most || seen.includes(value) || 'toJSON' in value) return false
  seen.push(value)
  return Array.isArray(value) ? isPlainArray(value, seen) : hasPlainFields(value, seen)
}

function isPlainArray(value: readonly unknown[], seen: object[]): boolean {
  if (value.length > most || Object.keys(value).length !== value.length) return false
  return value.every((part) => (typeof part === 'object' ? isPlainObject(part, seen) : isPlainValue(part)))
}

function hasPlainFields(value: object, seen: object[]): boolean {
  if (Object.getPrototypeOf(value) !== Object.prototype) return false
  for (const key of Object.keys(value)) {
    const part: unknown = Reflect.get(value, key)
    if (typeof part === 'object' ? !isPlainObject(part, seen) : !isPlainValue(part)) return false
  }
  return true
}
