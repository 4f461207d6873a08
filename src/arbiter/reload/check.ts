// Runs in the arbiter: what a reload needs before anything changes. The config is loaded, its log files are
// opened once and its new sockets are bound. So a reload that asks for something impossible fails as a whole,
// and the old generation keeps serving.

import { ConfigError } from '../../config/problems/problem.ts'
import { listOf } from '../../config/settings/list-of.ts'
import { BindError } from '../../listen/bind-error.ts'
import type { Bind, ListenSockets } from '../../listen/listen-sockets.ts'
import { LogOpenError, type Logs } from '../../logging/files/logs.ts'
import type { Generation, GenerationSource } from '../model/generation.ts'

export class CheckedSource implements GenerationSource {
  readonly #source: GenerationSource
  readonly #logs: Pick<Logs, 'check'>
  readonly #listeners: Pick<ListenSockets, 'open'>

  constructor(source: GenerationSource, logs: Pick<Logs, 'check'>, listeners: Pick<ListenSockets, 'open'>) {
    this.#source = source
    this.#logs = logs
    this.#listeners = listeners
  }

  async next(): Promise<Generation> {
    const generation = await this.#source.next()
    try {
      await this.#logs.check(generation.config.settings)
      return { ...generation, ...(await this.#listeners.open(bindOf(generation))) }
    } catch (error) {
      this.#source.discard(generation)
      if (error instanceof LogOpenError) throw mistake(error.setting, error)
      throw error instanceof BindError ? mistake('bind', error) : error
    }
  }

  discard(generation: Generation): void {
    this.#source.discard(generation)
  }

  renew(): void {
    this.#source.renew()
  }
}

/** The setting `bind`, whether it is the default, and for how many workers. */
export function bindOf({ config, workers }: Pick<Generation, 'config' | 'workers'>): Bind {
  const { settings, origins } = config
  return { addresses: listOf(settings.bind), isDefault: origins.bind === 'default', workers }
}

function mistake(name: string, cause: Error): ConfigError {
  return new ConfigError([{ where: '', name, message: cause.message }], { cause })
}
