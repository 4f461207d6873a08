// Arbiter and workers, main and hook thread: the code of the thread that compiles with `typescript`. It is a
// file of tsgun, until it has to do without: where each release has a tsgun of its own, that of the start is
// removed.

import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker, type WorkerOptions } from 'node:worker_threads'

export class ThreadSource {
  readonly #file = new URL(`./thread${extname(import.meta.filename)}`, import.meta.url)
  #code: string | undefined

  start(options: WorkerOptions): Worker {
    return this.#code === undefined
      ? new Worker(this.#file, options)
      : new Worker(this.#code, { ...options, eval: true })
  }

  /** Takes the code of the thread into memory. `bundle`: returns a file with all that it imports. */
  keep(bundle: (file: string) => string): void {
    this.#code ??= bundle(fileURLToPath(this.#file))
  }
}
