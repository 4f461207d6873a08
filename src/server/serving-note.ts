// Runs in the command: prints on standard error that the server serves, and where, when the error log is a
// file: the person who typed the command would see nothing.

import type { ArbiterEvent } from '../arbiter/model/events.ts'

export class ServingNote {
  readonly #write: (text: string) => void
  readonly #errorLog: string
  #urls: readonly string[] = []

  /** `errorLog`: its path. */
  constructor(write: (text: string) => void, errorLog: string) {
    this.#write = write
    this.#errorLog = errorLog
  }

  apply(event: ArbiterEvent): void {
    if (event.type === 'listening') this.#urls = event.urls
    if (event.type !== 'workers_ready') return
    this.#write(`tsgun: serving at ${this.#urls.join(', ')}; error log: ${this.#errorLog}\n`)
  }
}
