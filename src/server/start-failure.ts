// Runs in the command: prints on standard error why a start failed when the error log is a file or off: the
// person who typed the command, and the parent of a daemon, read that first.

import type { ArbiterEvent } from '../arbiter/model/events.ts'
import type { ErrorReport } from '../ipc/messages.ts'

export class StartFailure {
  readonly #write: (text: string) => void
  #error: ErrorReport | undefined

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  apply(event: ArbiterEvent): void {
    if (event.type === 'worker_failed') this.#error ??= event.error
    if (event.type === 'worker_ended') this.#noteFault(event)
    if (event.type !== 'start_failed') return
    const stack = this.#error?.message === event.reason ? `${this.#error.stack}\n` : ''
    this.#write(`tsgun: the start failed: ${event.reason}; exit code ${event.code}\n${stack}`)
  }

  /** An uncaught error, which has ended a worker before it was ready. */
  #noteFault({
    worker: { fault },
    verdict: { broken },
  }: Extract<ArbiterEvent, { type: 'worker_ended' }>): void {
    if (fault !== null && broken !== null) this.#error ??= { message: broken.reason, stack: fault.stack }
  }
}
