// Runs in the arbiter: the lines of one log that wait to be written. They are copied together into blocks, so that a piece is one write
// and memory is what the lines take and little more, however small the portions in which they came.

/** Bytes of a block, which are written at a time at most, unless one portion of lines alone has more. */
export const blockBytes = 262_144

const newline = 10
const space = 32

export class LineQueue {
  /** The bytes of each block that wait; all but the last one are done with. */
  #blocks: Buffer[] = []
  /** What the last block can still take, from its beginning; undefined when the last block is done with, too. */
  #open: Buffer | undefined
  #bytes = 0

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** Takes whole records. What is given may be changed afterwards. */
  push(records: Buffer): void {
    if (records.length === 0) return
    const last = this.#blocks.at(-1)
    if (this.#open !== undefined && last !== undefined && last.length + records.length <= this.#open.length) {
      records.copy(this.#open, last.length)
      this.#blocks[this.#blocks.length - 1] = this.#open.subarray(0, last.length + records.length)
    } else {
      this.#open = Buffer.allocUnsafeSlow(Math.max(blockBytes, records.length))
      records.copy(this.#open)
      this.#blocks.push(this.#open.subarray(0, records.length))
    }
    this.#bytes += records.length
  }

  /** Takes whole records out: a block, or as many as fill `room` bytes, the one that fills it included; one at least. */
  take(room = Infinity): Buffer {
    const [first = Buffer.alloc(0)] = this.#blocks
    const piece = first.subarray(0, first.length <= room ? first.length : endOfRecord(first, room))
    if (piece.length === first.length) this.#blocks.shift()
    else this.#blocks[0] = first.subarray(piece.length)
    if (this.#blocks.length <= 1) this.#open = undefined // the block is being written, or its beginning has moved
    this.#bytes -= piece.length
    return piece
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

/** The end of the record that has the byte before `room`. What belongs to a record of the text format begins with a space. */
function endOfRecord(records: Buffer, room: number): number {
  let at = records.indexOf(newline, Math.max(0, room - 1))
  while (at !== -1 && records[at + 1] === space) at = records.indexOf(newline, at + 1)
  return at === -1 ? records.length : at + 1
}
