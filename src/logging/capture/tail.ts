// The last lines that a worker wrote to its standard error, for the record of its end. Runs in the arbiter. A
// worker may write 100 MB per second: only the last bytes are kept, and decoded when `lines` is called. Pure.

import { withoutColours } from '../records/colours.ts'

/** Maximum number of bytes and lines that are kept. */
export const tailBytes = 16_384
export const tailLines = 50

export class Tail {
  /**
   * Twice `tailBytes`, so that bytes are rarely moved. Undefined until the worker writes, which most never
   * do.
   */
  #bytes: Buffer | undefined
  #end = 0
  /** Whether bytes before the first kept one were discarded. */
  #cut = false

  push(chunk: Buffer): void {
    const bytes = (this.#bytes ??= Buffer.allocUnsafeSlow(2 * tailBytes))
    if (chunk.length > tailBytes) {
      chunk.copy(bytes, 0, chunk.length - tailBytes)
      this.#end = tailBytes
      this.#cut = true
      return
    }
    if (this.#end + chunk.length > bytes.length) {
      bytes.copyWithin(0, this.#end - tailBytes, this.#end)
      this.#end = tailBytes
      this.#cut = true
    }
    this.#end += chunk.copy(bytes, this.#end)
  }

  /**
   * Returns whole lines; the last one may lack its newline. For a single line that is longer than the kept
   * bytes, returns its end.
   */
  lines(): string[] {
    const start = Math.max(0, this.#end - tailBytes)
    const text = withoutColours(this.#bytes?.toString('utf8', start, this.#end).trimEnd() ?? '')
    const lines = text.split(/\r?\n/)
    const whole = this.#cut || start > 0 ? withoutPart(lines) : lines
    const first = whole.findIndex((line) => line !== '')
    return first === -1 ? [] : whole.slice(Math.max(first, whole.length - tailLines))
  }
}

/** The first line lacks its start, and may begin in the middle of a character. */
function withoutPart([part = '', ...whole]: readonly string[]): readonly string[] {
  return whole.length > 0 ? whole : [`…${part.replace(/^\ufffd+/, '')}`]
}
