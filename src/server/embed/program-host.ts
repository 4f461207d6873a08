// Runs in a program that has created a server: the process is the program's, and only what it has asked for
// is touched.

import { arbiterSignals, type ArbiterSignal } from '../../arbiter/model/signals.ts'
import type { ProgramInput } from '../../config/load.ts'
import { activatedSockets, activationVariables } from '../../listen/activation.ts'
import type { Host, Receivers } from '../host.ts'
import type { Startup } from '../startup.ts'
import { SuccessorMessage } from '../successor-message.ts'
import type { ServerOptions } from './options.ts'

export class ProgramHost implements Host {
  readonly startedAt = performance.now()
  readonly program: ProgramInput
  readonly startup: Startup
  readonly successor = new SuccessorMessage(undefined)
  readonly early = undefined
  readonly print = undefined
  readonly #options: ServerOptions

  /** Throws a BindError. */
  constructor(program: ProgramInput, options: ServerOptions) {
    this.program = program
    this.#options = options
    this.startup = { command: undefined, predecessor: undefined, activated: this.#takeActivated() }
  }

  get capturesConsole(): boolean {
    return this.#options.console === true
  }

  get supervisor(): NodeJS.ProcessEnv | undefined {
    return this.#options.systemd === true ? process.env : undefined
  }

  /** For a program that exits without stop(). It is the one listener that each server has. */
  loading(cleanUp: () => void): () => void {
    process.on('exit', cleanUp)
    return () => void process.off('exit', cleanUp)
  }

  enter(): void {
    // the directory is the program's: the config has absolute paths
  }

  setTitle(title: string): void {
    if (this.#options.title === true) process.title = title
  }

  receive({ onSignal }: Receivers): () => void {
    const listeners = this.#signals().map((signal) => ({ signal, listener: () => onSignal(signal) }))
    for (const { signal, listener } of listeners) process.on(signal, listener)
    return () => {
      for (const { signal, listener } of listeners) process.off(signal, listener)
    }
  }

  adoptOrphans(): Promise<() => void> {
    return Promise.resolve(() => undefined) // what happens to them is the program's to decide
  }

  serves(): void {
    // start() resolves
  }

  end(): Promise<void> {
    return Promise.resolve()
  }

  #signals(): readonly ArbiterSignal[] {
    const { signals = false } = this.#options
    if (typeof signals !== 'boolean') return signals
    return signals ? arbiterSignals : []
  }

  /** Removed from the environment, so that no process that the program starts takes them for its own. */
  #takeActivated(): Startup['activated'] {
    if (this.#options.systemd !== true) return []
    try {
      return activatedSockets(process.env, process.pid)
    } finally {
      for (const name of activationVariables) Reflect.deleteProperty(process.env, name)
    }
  }
}
