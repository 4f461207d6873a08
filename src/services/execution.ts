// Runs in the process of a service with `run`, or of a run of a schedule: what it executes, from its begin to
// its end, which a signal announces.

import { within } from '../os/system/within.ts'

export class Execution {
  readonly #controller = new AbortController()
  #result: Promise<void> = Promise.resolve()

  /** Aborted when it is to end. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** `run` never rejects. */
  begin(run: () => Promise<void>): void {
    this.#result = run()
  }

  /** It is to end, for this reason. */
  abort(reason: Error): void {
    this.#controller.abort(reason)
  }

  /** Resolves when it has ended, or with false after this many milliseconds, in which it has not. */
  ended(milliseconds: number): Promise<boolean> {
    return within(
      this.#result.then(() => true),
      milliseconds,
      { late: false },
    )
  }
}
