// Runs in the arbiter: looks for a text in the lines that a program prints on one of its streams, as they
// come in pieces.

import { StringDecoder } from 'node:string_decoder'

/** Characters of a line that are kept until its end. */
const longestLine = 65_536

export class LineSearch {
  readonly #wanted: string
  readonly #decoder = new StringDecoder()
  #line = ''

  constructor(wanted: string) {
    this.#wanted = wanted
  }

  /** Returns whether a line, perhaps not complete yet, contains the text. */
  finds(chunk: Buffer): boolean {
    const text = this.#line + this.#decoder.write(chunk)
    const start = text.lastIndexOf('\n') + 1
    this.#line = text.slice(Math.max(start, text.length - longestLine))
    return text.includes(this.#wanted)
  }
}
