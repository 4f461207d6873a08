// Runs in the arbiter: what a reload needs before anything changes. The config is loaded and its log files are opened once, so that a
// reload which asks for something that cannot be had fails as a whole, and the old generation goes on serving.

import { ConfigError } from '../config/problem.ts'
import { LogOpenError } from '../logging/log-files.ts'
import type { LogFiles } from '../logging/log-files.ts'
import type { Generation } from './generation.ts'
import type { GenerationSteps } from './generations.ts'

export class ReloadSteps implements GenerationSteps {
  readonly #loader: GenerationSteps
  readonly #logs: Pick<LogFiles, 'check'>

  constructor(loader: GenerationSteps, logs: Pick<LogFiles, 'check'>) {
    this.#loader = loader
    this.#logs = logs
  }

  /** Rejects with a ConfigError for a user's mistake. */
  async next(): Promise<Generation> {
    const generation = await this.#loader.next()
    try {
      await this.#logs.check(generation.config.settings)
      return generation
    } catch (error) {
      this.#loader.discard(generation)
      if (!(error instanceof LogOpenError)) throw error
      throw new ConfigError([{ where: '', name: error.setting, message: error.message }], { cause: error })
    }
  }

  discard(generation: Generation): void {
    this.#loader.discard(generation)
  }

  renew(): void {
    this.#loader.renew()
  }
}
