// Runs in the process of preload(): the ArrayBuffers of a value, each once, so that two views of one share it
// again. Of the pool of Node.js only the bytes of a view are taken: the rest belongs to others.

/** Where a view begins in a buffer of the table. */
export interface Place {
  readonly id: number
  readonly offset: number
}

export class BufferTable {
  readonly #ids = new Map<ArrayBufferLike, number>()
  readonly #contents: Uint8Array[] = []

  /** By their ids, from 0. */
  get contents(): readonly Uint8Array[] {
    return this.#contents
  }

  /** Returns its id. */
  add(buffer: ArrayBufferLike): number {
    const known = this.#ids.get(buffer)
    if (known !== undefined) return known
    const id = this.#contents.push(new Uint8Array(buffer)) - 1
    this.#ids.set(buffer, id)
    return id
  }

  place(view: ArrayBufferView): Place {
    if (!isPooled(view)) return { id: this.add(view.buffer), offset: view.byteOffset }
    const own = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
    return { id: this.#contents.push(own) - 1, offset: 0 }
  }
}

/** A Buffer from the pool of Node.js, whose ArrayBuffer belongs to many others as well. */
function isPooled(view: ArrayBufferView): boolean {
  // In some versions the pool is longer than Buffer.poolSize.
  const pool = Buffer.allocUnsafe(1).buffer.byteLength
  return Buffer.isBuffer(view) && view.buffer.byteLength === pool && view.length < pool
}
