// What a server does to the process that it runs in, besides its sockets, files and child processes: all of
// that goes through this interface. The command owns its process (command-host.ts); a program that has
// created a server does not (embed/program-host.ts). Types only.

import type { Emit } from '../arbiter/model/events.ts'
import type { ArbiterSignal } from '../arbiter/model/signals.ts'
import type { ProgramInput } from '../config/load.ts'
import type { EarlyProcess } from '../os/process/early-process.ts'
import type { Startup } from './startup.ts'
import type { SuccessorMessage } from './successor-message.ts'

/** What the process receives for the server. */
export interface Receivers {
  readonly onSignal: (signal: ArbiterSignal) => void
  readonly onUncaughtError: (error: unknown) => void
}

export interface Host {
  /** When the start has begun, in monotonic milliseconds; 0 is the start of the process. */
  readonly startedAt: number
  /** Present when the process has code of its own. */
  readonly program: ProgramInput | undefined
  readonly startup: Startup
  readonly successor: SuccessorMessage
  /** A process for the first worker. */
  readonly early: EarlyProcess | undefined
  /** Whether console and `log` of hooks go to the app log. */
  readonly capturesConsole: boolean
  /** The environment in which a supervisor says how to notify it; undefined when it is not to be notified. */
  readonly supervisor: NodeJS.ProcessEnv | undefined
  /** Where people see what happens before there is a log, and why the start failed; undefined for nowhere. */
  readonly print: ((text: string) => void) | undefined
  /**
   * The config is about to be loaded, which makes temporary files. `cleanUp`: for an end of the process that
   * the server does not see. Returns a function to call when they are removed.
   */
  loading(cleanUp: () => void): () => void
  /** The working directory of the config. */
  enter(directory: string): void
  setTitle(title: string): void
  /** Returns a function that ends it. */
  receive(receivers: Receivers): () => void
  /**
   * As the first process of a container it has the processes that outlive their parent as children. Returns a
   * function that ends this.
   */
  adoptOrphans(emit: Emit): Promise<() => void>
  /** The workers of the start serve at these addresses. */
  serves(urls: readonly string[], emit: Emit): void
  /** All workers have exited. Never rejects. */
  end(emit: Emit): Promise<void>
}
