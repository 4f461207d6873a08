// Runs in the command: loads the first generation, before it is known whether to serve, to check or to print.

import type { Generation } from '../arbiter/model/generation.ts'
import { GenerationLoader, type LoaderOptions } from '../arbiter/reload/generation-loader.ts'
import { serverBus, type EventBus } from '../arbiter/report/bus.ts'
import { TlsLoader } from '../arbiter/tls/tls-loader.ts'
import { ExitCalls } from '../os/program/exit-calls.ts'
import { SignalGate } from '../os/program/signal-gate.ts'
import { createArbiterLoader } from '../modules/loader.ts'
import { stopEarly } from './early-stop.ts'
import type { LaunchOptions } from './launch-options.ts'

export type ServerInput = LoaderOptions['input']

export interface Prepared {
  readonly input: ServerInput
  readonly first: Generation
  readonly loader: GenerationLoader
  /** Failures of hooks are reported to it from the beginning. */
  readonly bus: EventBus
  /** The signals of this process, and its end, which preloaded modules share. */
  readonly gate: SignalGate
  readonly exits: ExitCalls
  /** Removes the temporary files. */
  readonly discard: () => void
}

/**
 * `early`: the process of the first worker. Rejects with a ConfigError for a user's mistake. A signal that
 * arrives meanwhile ends the process.
 */
export async function prepare(
  input: ServerInput,
  { version, early }: Pick<LaunchOptions, 'version' | 'early'>,
): Promise<Prepared> {
  const bus = serverBus(process.stderr)
  const loader = new GenerationLoader({
    input,
    loader: createArbiterLoader(),
    tls: new TlsLoader(version),
    onHookFailure: (failure) => bus.emit({ type: 'hook_failed', ...failure }),
  })
  const discard = (): void => loader.discardAll()
  const gate = new SignalGate(process)
  const exits = new ExitCalls(process)
  stopEarly(gate, exits, async () => {
    discard()
    await early?.discard()
  })
  try {
    return { input, first: await loader.next(), loader, bus, gate, exits, discard }
  } catch (error) {
    discard()
    throw error
  }
}
