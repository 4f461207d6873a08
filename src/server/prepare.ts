// Runs in the arbiter: loads the first generation, before it is known whether to serve, to check or to print.

import type { Generation } from '../arbiter/model/generation.ts'
import { GenerationLoader, type LoaderOptions } from '../arbiter/reload/generation-loader.ts'
import { ProgramEnvironment } from '../arbiter/reload/program-environment.ts'
import { serverBus, type EventBus } from '../arbiter/report/bus.ts'
import { TlsLoader } from '../arbiter/tls/tls-loader.ts'
import { createArbiterLoader } from '../modules/loader.ts'
import { inTurn } from '../os/process/turns.ts'
import type { Host } from './host.ts'
import { Undo } from './undo.ts'

export type ServerInput = Omit<LoaderOptions['input'], 'program'>

export interface Prepared {
  readonly input: ServerInput
  readonly first: Generation
  readonly loader: GenerationLoader
  /** Failures of hooks are reported to it from the beginning. */
  readonly bus: EventBus
  /** What an end of the process removes besides the code, also one that nothing has announced. */
  readonly temporary: Undo
  /** Removes the temporary files. */
  readonly discard: () => void
}

/** Rejects with a ConfigError for a user's mistake. */
export async function prepare(
  input: ServerInput,
  host: Pick<Host, 'program' | 'loading'>,
  version: string,
): Promise<Prepared> {
  const bus = serverBus(process.stderr)
  const { program } = host
  const loader = new GenerationLoader({
    input: { ...input, program },
    loader: createArbiterLoader(program && `loader-${performance.now()}`),
    tls: new TlsLoader(version),
    onHookFailure: (failure) => bus.emit({ type: 'hook_failed', ...failure }),
    ...(program && { environment: new ProgramEnvironment(process.env), inTurn }),
  })
  const temporary = new Undo()
  const removeAll = (): void => {
    temporary.run()
    loader.discardAll()
  }
  const release = host.loading(removeAll)
  const discard = (): void => {
    removeAll()
    release()
  }
  try {
    return { input, first: await loader.next(), loader, bus, temporary, discard }
  } catch (error) {
    discard()
    throw error
  }
}
