// Arbiter and workers, main and hook thread: the code of the thread that compiles with `typescript`. It is a
// file of tsgun, until it has to do without: where each release has a tsgun of its own, that of the start is
// removed.

import { fileURLToPath } from 'node:url'
import { Worker, type WorkerOptions } from 'node:worker_threads'
import { ownUrl } from '../../os/own-code.ts'

export class ThreadSource {
  readonly #file = ownUrl('modules/metadata/thread')
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
