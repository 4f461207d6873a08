// Runs in the arbiter: its one queue. First in, first out.

import type { ArbiterCommand, Commands } from '../model/commands.ts'

export class CommandQueue implements Commands {
  readonly #waiting: ArbiterCommand[] = []
  #wake: ((command: ArbiterCommand) => void) | undefined

  put(command: ArbiterCommand): void {
    const wake = this.#wake
    this.#wake = undefined
    if (wake) wake(command)
    else this.#waiting.push(command)
  }

  /** Resolves with the next command. Only the loop calls it. */
  take(): Promise<ArbiterCommand> {
    const next = this.#waiting.shift()
    if (next !== undefined) return Promise.resolve(next)
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
