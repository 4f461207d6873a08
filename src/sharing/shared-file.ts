// Any process: a file that preload() has made with `ctx.file()`. Its methods find it in each process of the
// generation.

export interface SharedFileSource {
  readonly path: string
  readonly size: number
  /** Maps or reads it. */
  readonly bytes: () => Buffer
}

/** A file in memory that all processes of a generation share. `ctx.file()` makes it. */
export class SharedFile {
  readonly #source: SharedFileSource
  #bytes: Buffer | undefined

  constructor(source: SharedFileSource) {
    this.#source = source
  }

  /** Where a library opens it, in this process and in each other one of the generation. */
  get path(): string {
    return this.#source.path
  }

  /** Bytes. */
  get size(): number {
    return this.#source.size
  }

  /**
   * Its content, which is mapped and not read: the same Buffer at each call. What is written to it is seen by
   * this process only. Throws a RangeError for a file that is longer than a Buffer of this Node.js can be.
   */
  bytes(): Buffer {
    return (this.#bytes ??= this.#source.bytes())
  }
}
