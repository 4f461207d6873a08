// Runs in a worker: the progress of a call as an async generator. While its consumer is slow, what arrives
// waits with the task.

import type { Call } from './call.ts'

/** Values that wait in this process before reading stops. */
const most = 16

export class ProgressStream {
  readonly #values: unknown[] = []
  #wake: (() => void) | undefined
  #call: Call | undefined
  #isOver = false

  /** Takes a value of the call. */
  push(value: unknown): void {
    this.#values.push(value)
    if (this.#values.length >= most) this.#call?.pause()
    this.#wake?.()
  }

  /** `start`: starts the call, which pushes here. Leaving the generator cancels it. */
  async *read(
    start: (ends: {
      readonly resolve: (output: unknown) => void
      readonly reject: (reason: unknown) => void
      readonly started: (call: Call) => void
    }) => void,
  ): AsyncGenerator<unknown, unknown, undefined> {
    const output = new Promise<unknown>((resolve, reject) =>
      start({ resolve, reject, started: (call) => void (this.#call = call) }),
    )
    const end = (): void => {
      this.#isOver = true
      this.#wake?.()
    }
    output.then(end, end)
    try {
      while (await this.#hasNext()) yield this.#values.shift()
      return await output
    } finally {
      this.#call?.cancel(undefined)
    }
  }

  async #hasNext(): Promise<boolean> {
    if (this.#values.length < most / 2) this.#call?.resume()
    if (this.#values.length === 0 && !this.#isOver)
      await new Promise<void>((resolve) => void (this.#wake = resolve))
    return this.#values.length > 0
  }
}
