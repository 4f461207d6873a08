// Runs in the command: loads the first generation, before it is known whether to serve, to check or to print.

import type { Generation } from '../arbiter/model/generation.ts'
import { GenerationLoader, type LoaderOptions } from '../arbiter/reload/generation-loader.ts'
import { serverBus, type EventBus } from '../arbiter/report/bus.ts'
import { createArbiterLoader } from '../modules/loader.ts'
import { stopEarly } from './early-stop.ts'

export type ServerInput = LoaderOptions['input']

export interface Prepared {
  readonly input: ServerInput
  readonly first: Generation
  readonly loader: GenerationLoader
  /** Failures of hooks are reported to it from the beginning. */
  readonly bus: EventBus
  /** From now on the server itself handles signals. */
  readonly serveStarts: () => void
  /** Removes the temporary files. */
  readonly discard: () => void
}

/** Rejects with a ConfigError for a user's mistake. A signal that arrives meanwhile ends the process. */
export async function prepare(input: ServerInput): Promise<Prepared> {
  const bus = serverBus(process.stderr)
  const loader = new GenerationLoader({
    input,
    loader: createArbiterLoader(),
    onHookFailure: (failure) => bus.emit({ type: 'hook_failed', ...failure }),
  })
  const discard = (): void => loader.discardAll()
  const serveStarts = stopEarly(process, discard)
  try {
    return { input, first: await loader.next(), loader, bus, serveStarts, discard }
  } catch (error) {
    discard()
    throw error
  }
}
