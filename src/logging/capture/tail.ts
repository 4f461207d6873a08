// Runs in the arbiter: the last lines of what a worker has written to its standard error, for the record of
// its end. A worker may write 100 MB a second: only bytes are kept, of each chunk no more than the last, and
// they become text when somebody asks. Pure.

/** Bytes that are shown at most, and lines. */
export const tailBytes = 16_384
export const tailLines = 50

export class Tail {
  /**
   * Twice of what is shown, so that bytes have to be moved once in a while only. Most workers never write
   * any.
   */
  #bytes: Buffer | undefined
  #end = 0
  /** Whether something stood before the first byte that is kept. */
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
   * Whole lines, the last of them with or without a newline. Of a single line that is longer than all that is
   * kept: its end.
   */
  lines(): string[] {
    const start = Math.max(0, this.#end - tailBytes)
    const text = this.#bytes?.toString('utf8', start, this.#end).trimEnd() ?? ''
    const lines = text.split(/\r?\n/)
    const whole = this.#cut || start > 0 ? withoutPart(lines) : lines
    const first = whole.findIndex((line) => line !== '')
    return first === -1 ? [] : whole.slice(Math.max(first, whole.length - tailLines))
  }
}

/** The first line lacks its beginning, which may be the middle of a character. */
function withoutPart([part = '', ...whole]: readonly string[]): readonly string[] {
  return whole.length > 0 ? whole : [`…${part.replace(/^\ufffd+/, '')}`]
}
