// Runs in the arbiter: what a reload needs before anything changes. The config is loaded, its log files are
// opened once and its new sockets are bound. So a reload that asks for something impossible fails as a whole,
// and the old generation keeps serving.

import { ConfigError } from '../../config/problems/problem.ts'
import { listOf } from '../../config/settings/list-of.ts'
import { BindError } from '../../listen/bind-error.ts'
import type { Bind, ListenSockets, OpenSockets } from '../../listen/listen-sockets.ts'
import { LogOpenError, type Logs } from '../../logging/files/logs.ts'
import type { Generation, GenerationSource, GenerationTask } from '../model/generation.ts'
import { openServices, socketsOf } from '../services/sockets.ts'
import { closeQueues } from '../tasks/queues.ts'

export interface CheckedParts {
  readonly source: GenerationSource
  readonly logs: Pick<Logs, 'check'>
  readonly listeners: Pick<ListenSockets, 'open'>
  /** Opens the queues of the task pools. Rejects with a BindError. */
  readonly openQueues: (generation: Generation) => Promise<readonly GenerationTask[]>
}

export class CheckedSource implements GenerationSource {
  readonly #parts: CheckedParts

  constructor(parts: CheckedParts) {
    this.#parts = parts
  }

  async next(): Promise<Generation> {
    const loaded = await this.#parts.source.next()
    let generation = loaded
    try {
      await this.#parts.logs.check(loaded.config.settings)
      generation = { ...loaded, tasks: await this.#parts.openQueues(loaded) }
      return { ...generation, ...(await openSockets(generation, this.#parts.listeners)) }
    } catch (error) {
      this.discard(generation)
      if (error instanceof LogOpenError) throw mistake(error.setting, error)
      throw error instanceof BindError ? mistake('bind', error) : error
    }
  }

  discard(generation: Generation): void {
    closeQueues(generation.tasks)
    this.#parts.source.discard(generation)
  }

  renew(): void {
    this.#parts.source.renew()
  }
}

/** Opens the sockets of the app and of the services. Rejects with a BindError. */
export async function openSockets(
  generation: Pick<Generation, 'config' | 'workers'>,
  listeners: Pick<ListenSockets, 'open'>,
): Promise<OpenSockets & Pick<Generation, 'services'>> {
  const sockets = await listeners.open(bindOf(generation))
  const services = await openServices(generation.config.services, listeners, socketsOf(sockets))
  return { ...sockets, services }
}

/** The setting `bind`, whether it is the default, and for how many workers. */
export function bindOf({ config, workers }: Pick<Generation, 'config' | 'workers'>): Bind {
  const { settings, origins, services } = config
  const ofServices = services.flatMap(({ own }) => listOf(own.bind ?? []))
  return { addresses: listOf(settings.bind), isDefault: origins.bind === 'default', workers, ofServices }
}

function mistake(name: string, cause: Error): ConfigError {
  return new ConfigError([{ where: '', name, message: cause.message }], { cause })
}
