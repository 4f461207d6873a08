// Runs in the arbiter: what a reload needs before anything changes. The config is loaded, its log files are
// opened once and its new sockets are bound, so that a reload which asks for something that cannot be had
// fails as a whole, and the old generation goes on serving.

import { listOf } from '../../config/settings/list-of.ts'
import { ConfigError } from '../../config/problems/problem.ts'
import { BindError } from '../../listen/bind-error.ts'
import type { Bind, ListenSockets } from '../../listen/listen-sockets.ts'
import { LogOpenError, type LogFiles } from '../../logging/files/log-files.ts'
import type { Generation } from '../model/generation.ts'
import type { GenerationSteps } from './generations.ts'

export class ReloadSteps implements GenerationSteps {
  readonly #loader: GenerationSteps
  readonly #logs: Pick<LogFiles, 'check'>

  readonly #listeners: Pick<ListenSockets, 'open'>

  constructor(
    loader: GenerationSteps,
    logs: Pick<LogFiles, 'check'>,
    listeners: Pick<ListenSockets, 'open'>,
  ) {
    this.#loader = loader
    this.#logs = logs
    this.#listeners = listeners
  }

  /** Rejects with a ConfigError for a user's mistake. */
  async next(): Promise<Generation> {
    const generation = await this.#loader.next()
    try {
      await this.#logs.check(generation.config.settings)
      return { ...generation, listeners: await this.#listeners.open(bindOf(generation.config)) }
    } catch (error) {
      this.#loader.discard(generation)
      if (error instanceof LogOpenError) throw mistake(error.setting, error)
      throw error instanceof BindError ? mistake('bind', error) : error
    }
  }

  discard(generation: Generation): void {
    this.#loader.discard(generation)
  }

  renew(): void {
    this.#loader.renew()
  }
}

/** The setting `bind`, and whether anybody has set it. */
export function bindOf({ settings: { bind }, origins }: Generation['config']): Bind {
  return { addresses: listOf(bind), isDefault: origins.bind === 'default' }
}

function mistake(name: string, cause: Error): ConfigError {
  return new ConfigError([{ where: '', name, message: cause.message }], { cause })
}
