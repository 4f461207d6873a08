// The kinds of views of an ArrayBuffer, with the numbers that stand for them on the wire. Both processes,
// which run the same version of Node. Pure.

import { types } from 'node:util'

type MakeView = (buffer: ArrayBuffer, offset: number, bytes: number) => NodeJS.ArrayBufferView

interface ArrayType {
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBuffer, offset: number, length: number): NodeJS.ArrayBufferView
}

interface ViewType {
  readonly name: string
  readonly make: MakeView
}

const arrayTypes = [
  Uint8Array,
  Uint8ClampedArray,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const

/** Node 24 has it. */
const float16: unknown = Reflect.get(globalThis, 'Float16Array')

const viewTypes: readonly ViewType[] = [
  { name: 'Buffer', make: (buffer, offset, bytes) => Buffer.from(buffer, offset, bytes) },
  { name: 'DataView', make: (buffer, offset, bytes) => new DataView(buffer, offset, bytes) },
  ...arrayTypes.map((type) => ({ name: type.name, make: arrayMaker(type) })),
  // Parse boundary: a typed array as all others.
  ...(typeof float16 === 'function'
    ? [{ name: 'Float16Array', make: arrayMaker(float16 as unknown as ArrayType) }]
    : []),
]

function arrayMaker(type: ArrayType): MakeView {
  return (buffer, offset, bytes) => new type(buffer, offset, bytes / type.BYTES_PER_ELEMENT)
}

const numbers = new Map(viewTypes.map(({ name }, number) => [name, number]))

/** The number of the type of a view; of a subclass, that of its base. Undefined for what is no view. */
export function viewNumber(value: unknown): number | undefined {
  if (Buffer.isBuffer(value)) return 0
  if (types.isTypedArray(value)) return numbers.get(value[Symbol.toStringTag])
  return types.isDataView(value) ? 1 : undefined
}

/** Throws a RangeError for an unknown number, and for bytes that are no whole number of elements. */
export function makeView(number: number, buffer: ArrayBuffer, bytes: number): NodeJS.ArrayBufferView {
  const type = viewTypes[number]
  if (type === undefined) throw new RangeError(`a view of the unknown type ${number}`)
  return type.make(buffer, 0, bytes)
}
