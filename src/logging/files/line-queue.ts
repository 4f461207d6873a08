// The lines of one destination that are not yet written. Runs in the arbiter. Small chunks are copied
// together into blocks, so that the queue needs little more memory than the lines themselves; large chunks
// are kept without a copy.

/** Bytes written at a time, unless a single chunk is larger. */
export const pieceBytes = 262_144

/** Bytes of a block for small chunks. */
const blockBytes = 65_536
/** Chunks of at least this many bytes are kept as blocks: most of what one read of a pipe returns. */
const largeChunk = 16_384

const newline = 10
const space = 32

export class LineQueue {
  /** The waiting bytes of each block. */
  readonly #blocks: Buffer[] = []
  /** The memory of the last block, if there is room for more. */
  #open: Buffer | undefined
  #bytes = 0

  /** Waiting bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** Takes whole records. The caller must not change the buffer afterwards. */
  push(records: Buffer): void {
    if (records.length === 0) return
    this.#bytes += records.length
    const last = this.#blocks.at(-1)
    if (this.#open !== undefined && last !== undefined && last.length + records.length <= this.#open.length) {
      records.copy(this.#open, last.length)
      this.#blocks[this.#blocks.length - 1] = this.#open.subarray(0, last.length + records.length)
    } else this.#begin(records)
  }

  #begin(records: Buffer): void {
    this.#open =
      records.length < largeChunk && this.#blocks.length > 0 ? Buffer.allocUnsafeSlow(blockBytes) : undefined
    if (this.#open) records.copy(this.#open)
    this.#blocks.push(this.#open?.subarray(0, records.length) ?? records)
  }

  /**
   * Removes and returns whole records: at most one piece, or up to and including the record that fills `room`
   * bytes; at least one record.
   */
  take(room = Infinity): Buffer {
    const parts: Buffer[] = []
    let size = 0
    for (
      let block = this.#blocks[0];
      block !== undefined && (size === 0 || size < room);
      block = this.#blocks[0]
    ) {
      if (size > 0 && size + block.length > pieceBytes) break
      const left = Math.max(0, room - size)
      const part = block.length <= left ? block : block.subarray(0, endOfRecord(block, left))
      parts.push(part)
      size += part.length
      this.#dropFirst(part.length, block)
    }
    this.#bytes -= size
    const [only] = parts
    return parts.length === 1 && only ? only : Buffer.concat(parts, size)
  }

  #dropFirst(bytes: number, block: Buffer): void {
    if (bytes === block.length) this.#blocks.shift()
    else this.#blocks[0] = block.subarray(bytes)
    // the taken block is being written, or the block no longer starts at the start of its memory
    if (this.#blocks.length <= 1) this.#open = undefined
  }

  /** Puts back records that could not be written, before all others. */
  putBack(records: Buffer): void {
    if (records.length === 0) return
    this.#blocks.unshift(records)
    this.#bytes += records.length
  }

  /** Returns the number of waiting lines. */
  countLines(): number {
    return this.#blocks.reduce((lines, block) => lines + countLines(block), 0)
  }
}

export function countLines(lines: Buffer): number {
  let count = 0
  for (let at = lines.indexOf(newline); at !== -1; at = lines.indexOf(newline, at + 1)) count += 1
  return count
}

/**
 * Returns the end of the record that contains the byte before `room`. In the text format, further lines of a
 * record start with a space.
 */
function endOfRecord(records: Buffer, room: number): number {
  let at = records.indexOf(newline, Math.max(0, room - 1))
  while (at !== -1 && records[at + 1] === space) at = records.indexOf(newline, at + 1)
  return at === -1 ? records.length : at + 1
}
