// Runs in the arbiter: the start of the workers, from the first spawn until all are ready or one has failed.

import { exitCodes } from '../../ipc/exit-codes.ts'

export class StartPhase {
  #isOn = true
  #failure: string | undefined
  #exitCode: number = exitCodes.ok.code

  /** The workers of the start are not all ready. */
  get isOn(): boolean {
    return this.#isOn
  }

  /** Why the start has failed; undefined while it has not. */
  get failure(): string | undefined {
    return this.#failure
  }

  /** Of the arbiter, when it stops. */
  get exitCode(): number {
    return this.#exitCode
  }

  complete(): void {
    this.#isOn = false
  }

  fail(reason: string, exitCode: number): void {
    this.#failure = reason
    this.#exitCode = exitCode
  }
}
