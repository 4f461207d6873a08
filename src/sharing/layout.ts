// Runs in the process of preload(): where each part of a value lies in the memory. Pure. Large buffers begin
// on a page and are mapped; small ones follow, then the structure. The table that says where they are is the
// last.

/** Bytes. From here on a buffer is mapped, and not copied into each process. */
export const mappedFrom = 64 * 1024

/** Bytes of a page of memory; of some ARM kernels it is longer, which only means more private copies. */
const page = 4096

/** Of what begins at any byte: the longest element of a typed array. */
const word = 8

export interface Part {
  readonly offset: number
  readonly length: number
}

export interface Layout {
  /** By their numbers. */
  readonly buffers: readonly Part[]
  readonly structure: Part
  /** Where the rest begins. */
  readonly end: number
}

export function layOut(lengths: readonly number[], structureLength: number): Layout {
  let end = 0
  const put = (length: number, alignment: number): Part => {
    const offset = Math.ceil(end / alignment) * alignment
    end = offset + length
    return { offset, length }
  }
  const buffers: Part[] = []
  for (const isLarge of [true, false])
    for (const [id, length] of lengths.entries())
      if (length >= mappedFrom === isLarge) buffers[id] = put(length, isLarge ? page : word)
  const structure = put(structureLength, word)
  return { buffers, structure, end: Math.ceil(end / word) * word }
}
