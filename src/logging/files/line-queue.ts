// Runs in the arbiter: the lines of one log that wait to be written. Small portions are copied together into
// blocks, so that memory is what the lines take and little more, however small the portions in which they
// came; large ones are kept as they are.

/** Bytes that are written at a time, unless one portion of lines alone has more. */
export const pieceBytes = 262_144

/** Bytes of a block for small portions. */
const blockBytes = 65_536
/** Bytes from which on a portion is a block of its own: it is most of what was read from a pipe at a time. */
const largePortion = 16_384

const newline = 10
const space = 32

export class LineQueue {
  /** The bytes of each block that wait. */
  readonly #blocks: Buffer[] = []
  /** The memory of the last block, if it can take more. */
  #open: Buffer | undefined
  #bytes = 0

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** Takes whole records. The memory of a large portion may not be changed afterwards. */
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
      records.length < largePortion && this.#blocks.length > 0
        ? Buffer.allocUnsafeSlow(blockBytes)
        : undefined
    if (this.#open) records.copy(this.#open)
    this.#blocks.push(this.#open?.subarray(0, records.length) ?? records)
  }

  /**
   * Takes whole records out: as many as make a piece, or fill `room` bytes, the one that fills it included;
   * one at least.
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
    // what is being written takes no more, and a block has lost its beginning
    if (this.#blocks.length <= 1) this.#open = undefined
  }

  /** Puts back what could not be written, before all others. */
  putBack(records: Buffer): void {
    if (records.length === 0) return
    this.#blocks.unshift(records)
    this.#bytes += records.length
  }

  /** How many lines wait. */
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
 * The end of the record that has the byte before `room`. What belongs to a record of the text format begins
 * with a space.
 */
function endOfRecord(records: Buffer, room: number): number {
  let at = records.indexOf(newline, Math.max(0, room - 1))
  while (at !== -1 && records[at + 1] === space) at = records.indexOf(newline, at + 1)
  return at === -1 ? records.length : at + 1
}
