// The kinds of views of an ArrayBuffer, by the numbers that packed values and messages have for them. Any
// process. Numbers stay within one version of tsgun and of Node.js: both sides have the same. Pure.

import { types } from 'node:util'

type MakeView = (buffer: ArrayBuffer, offset: number, bytes: number) => ArrayBufferView

interface ViewKind {
  readonly name: string
  readonly prototype: object
  /** `bytes`: the length of the view, a multiple of the size of its elements. */
  readonly make: MakeView
}

interface TypedArrayClass {
  readonly name: string
  readonly prototype: object
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBuffer, offset: number, length: number): ArrayBufferView
}

const typedArrays: readonly TypedArrayClass[] = [
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
]

/** Added to JavaScript later: Node.js 24 has it. */
const float16 = Reflect.get(globalThis, 'Float16Array') as TypedArrayClass | undefined // as ECMAScript has it

const kinds: readonly ViewKind[] = [
  {
    name: 'Buffer',
    prototype: Buffer.prototype,
    make: (buffer, offset, bytes) => Buffer.from(buffer, offset, bytes),
  },
  {
    name: 'DataView',
    prototype: DataView.prototype,
    make: (buffer, offset, bytes) => new DataView(buffer, offset, bytes),
  },
  ...[...typedArrays, ...(float16 === undefined ? [] : [float16])].map(kindOf),
]

function kindOf(View: TypedArrayClass): ViewKind {
  const make: MakeView = (buffer, offset, bytes) => new View(buffer, offset, bytes / View.BYTES_PER_ELEMENT)
  return { name: View.name, prototype: View.prototype, make }
}

const byName = new Map(kinds.map(({ name }, number) => [name, number]))

/** The kind of a view; -1 for an instance of a class that extends one. */
export function exactViewKind(view: ArrayBufferView): number {
  const prototype: unknown = Object.getPrototypeOf(view)
  return kinds.findIndex((kind) => kind.prototype === prototype)
}

/** The kind of a view; of a class that extends one, that of its base. Undefined for what is no view. */
export function viewKind(value: unknown): number | undefined {
  if (Buffer.isBuffer(value)) return byName.get('Buffer')
  if (types.isTypedArray(value)) return byName.get(value[Symbol.toStringTag])
  return types.isDataView(value) ? byName.get('DataView') : undefined
}

/** Throws a RangeError for an unknown kind, and for bytes that are no whole number of elements. */
export function makeView(kind: number, buffer: ArrayBuffer, offset: number, bytes: number): ArrayBufferView {
  const found = kinds[kind]
  if (found === undefined) throw new RangeError(`a view of the unknown kind ${kind}`)
  return found.make(buffer, offset, bytes)
}
