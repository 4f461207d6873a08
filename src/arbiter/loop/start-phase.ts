// Runs in the arbiter: the start of the workers, from the first spawn until all are ready or one has failed,
// and the second after it, in which they are on trial.

import { exitCodes } from '../../ipc/exit-codes.ts'
import { trialTime } from '../model/death/verdict.ts'

export class StartPhase {
  #isOn = true
  /** Monotonic milliseconds. */
  #completedAt = Infinity
  /** The slots whose worker has died on trial. */
  readonly #lost = new Set<number>()
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

  /**
   * A worker has died in its first second. Returns whether the start has failed: each slot has had such a
   * death within a second after all were ready. A request that kills one of several workers is not enough.
   */
  diesOnTrial(nr: number, target: number, now: number): boolean {
    if (!this.#isOn && now - this.#completedAt > trialTime) return false
    this.#lost.add(nr)
    return this.#lost.size >= target
  }

  complete(now: number): void {
    this.#isOn = false
    this.#completedAt = now
  }

  fail(reason: string, exitCode: number): void {
    this.#failure = reason
    this.#exitCode = exitCode
  }
}
