// Any process: the structure of a value as V8 serializes it, with its buffers left out: a view is written as
// the number of its buffer, its kind, offset and length.

import { Deserializer, Serializer } from 'node:v8'
import { exactViewKind, makeView } from '../os/views.ts'
import { BufferTable } from './buffer-table.ts'

// Public in Node.js (https://nodejs.org/api/v8.html#class-v8serializer), missing in @types/node.
declare module 'node:v8' {
  interface Serializer {
    _setTreatArrayBufferViewsAsHostObjects(on: boolean): void
  }
}

export interface WrittenValue {
  readonly structure: Buffer
  /** The contents of its buffers, by their numbers. */
  readonly buffers: readonly Uint8Array[]
}

/** `bare`: its ArrayBuffers that are not only reached by views. Throws what cannot be cloned. */
export function writeValue(value: unknown, bare: readonly ArrayBuffer[]): WrittenValue {
  const table = new BufferTable()
  const writer = new ValueWriter(table)
  for (const buffer of bare) writer.transferArrayBuffer(table.add(buffer), buffer)
  writer.writeHeader()
  writer.writeValue(value)
  return { structure: writer.releaseBuffer(), buffers: table.contents }
}

/** `buffers`: returns the buffer of a number. */
export function readValue(structure: Buffer, count: number, buffers: (id: number) => ArrayBuffer): unknown {
  const reader = new ValueReader(structure, buffers)
  for (let id = 0; id < count; id += 1) reader.transferArrayBuffer(id, buffers(id))
  reader.readHeader()
  return reader.readValue()
}

class ValueWriter extends Serializer {
  readonly #table: BufferTable

  constructor(table: BufferTable) {
    super()
    this.#table = table
    this._setTreatArrayBufferViewsAsHostObjects(true)
  }

  /** Called by V8. */
  _writeHostObject(view: object): void {
    if (!ArrayBuffer.isView(view)) throw new Error(`${Object.prototype.toString.call(view)} cannot be cloned`)
    const kind = exactViewKind(view)
    if (kind === -1) throw new Error('an instance of a class that extends a typed array cannot be cloned')
    const { id, offset } = this.#table.place(view)
    this.writeUint32(id)
    this.writeUint32(kind)
    this.writeDouble(offset)
    this.writeDouble(view.byteLength)
  }
}

class ValueReader extends Deserializer {
  readonly #buffers: (id: number) => ArrayBuffer

  constructor(structure: Buffer, buffers: (id: number) => ArrayBuffer) {
    super(structure)
    this.#buffers = buffers
  }

  /** Called by V8. */
  _readHostObject(): ArrayBufferView {
    const [id, kind] = [this.readUint32(), this.readUint32()]
    return makeView(kind, this.#buffers(id), this.readDouble(), this.readDouble())
  }
}
