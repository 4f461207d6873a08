// Any process: the kinds of views of an ArrayBuffer, by the number that the packed form has for each. Numbers
// stay within one version of tsgun: all processes of a generation have the same.

import { types } from 'node:util'

type MakeView = (buffer: ArrayBuffer, offset: number, length: number) => ArrayBufferView

interface ViewKind {
  readonly prototype: object
  /** `bytes`: the length of the view in bytes, a multiple of the size of its elements. */
  readonly make: (buffer: ArrayBuffer, offset: number, bytes: number) => ArrayBufferView
}

interface TypedArrayClass {
  readonly prototype: object
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBuffer, offset: number, length: number): ArrayBufferView
}

const typedArrays: readonly TypedArrayClass[] = [
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
]

/** Added to JavaScript later: Node.js 24 has it. */
const float16 = Reflect.get(globalThis, 'Float16Array') as TypedArrayClass | undefined // as ECMAScript has it

const makeBuffer: MakeView = (buffer, offset, length) => Buffer.from(buffer, offset, length)

const kinds: readonly ViewKind[] = [
  { prototype: Buffer.prototype, make: makeBuffer },
  {
    prototype: DataView.prototype,
    make: (buffer, offset, length) => new DataView(buffer, offset, length),
  },
  ...[...typedArrays, ...(float16 === undefined ? [] : [float16])].map((View) => ({
    prototype: View.prototype,
    make: (buffer: ArrayBuffer, offset: number, bytes: number) =>
      new View(buffer, offset, bytes / View.BYTES_PER_ELEMENT),
  })),
]

/** The number of the kind of a view; -1 for an instance of a class that extends one. */
export function viewKind(view: ArrayBufferView): number {
  const prototype: unknown = Object.getPrototypeOf(view)
  return kinds.findIndex((kind) => kind.prototype === prototype)
}

/** Returns a view of that kind. Throws for a number that no kind has. */
export function makeView(kind: number, buffer: ArrayBuffer, offset: number, bytes: number): ArrayBufferView {
  const found = kinds[kind]
  if (found === undefined) throw new Error(`there is no view of kind ${kind}`)
  return found.make(buffer, offset, bytes)
}

/** A Buffer from the pool of Node.js, whose ArrayBuffer belongs to many others as well. */
export function isPooled(view: ArrayBufferView): boolean {
  // In some versions the pool is longer than Buffer.poolSize.
  const pool = Buffer.allocUnsafe(1).buffer.byteLength
  return Buffer.isBuffer(view) && view.buffer.byteLength === pool && view.length < pool
}

export const isSharedBuffer = types.isSharedArrayBuffer
