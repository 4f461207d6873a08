// Runs in the command: the process is the server's own. Signals, uncaught errors, title and directory are
// those of the server, and the process that has started the command is notified.

import { onSignals } from '../arbiter/loop/signals.ts'
import type { Emit } from '../arbiter/model/events.ts'
import type { EarlyProcess } from '../os/process/early-process.ts'
import { isFirstProcess } from '../os/process/first-process.ts'
import { leaveStandardError } from '../os/process/leave-terminal.ts'
import { ExitCalls } from '../os/program/exit-calls.ts'
import { SignalGate } from '../os/program/signal-gate.ts'
import { earlySignals, stopEarly } from './early-stop.ts'
import type { Host, Receivers } from './host.ts'
import { endPreloaded } from './preloaded.ts'
import { announce } from './ready-descriptor.ts'
import type { Startup } from './startup.ts'
import type { SuccessorMessage } from './successor-message.ts'

export interface CommandParts {
  readonly startup: Startup
  readonly successor: SuccessorMessage
  readonly early: EarlyProcess | undefined
  /** The signals of this process, when it has handlers already. */
  readonly gate: SignalGate | undefined
  /** Gets one line when the server serves. */
  readonly readyFd: number | undefined
  /** This process is a daemon. */
  readonly isBackground: boolean
}

export class CommandHost implements Host {
  readonly startedAt = 0
  readonly program = undefined
  readonly capturesConsole = true
  readonly startup: Startup
  readonly successor: SuccessorMessage
  readonly early: EarlyProcess | undefined
  readonly #parts: CommandParts
  /** The signals of this process, and its end, which preloaded modules share. */
  readonly #gate: SignalGate
  readonly #exits = new ExitCalls(process)

  constructor(parts: CommandParts) {
    this.#parts = parts
    this.#gate = parts.gate ?? new SignalGate(process)
    this.startup = parts.startup
    this.successor = parts.successor
    this.early = parts.early
  }

  get supervisor(): NodeJS.ProcessEnv {
    return process.env
  }

  readonly print = (text: string): void => void process.stderr.write(text)

  /** A signal that arrives meanwhile ends the process. */
  loading(cleanUp: () => void): () => void {
    const signals = earlySignals(isFirstProcess(process))
    stopEarly({ gate: this.#gate, exits: this.#exits, signals }, async () => {
      cleanUp()
      await this.early?.discard()
    })
    return () => undefined
  }

  enter(directory: string): void {
    process.chdir(directory)
    process.cwd() // Node caches it, also for when the directory of this release is removed
  }

  setTitle(title: string): void {
    process.title = title
  }

  /** To the end of the process: a second TERM at its very end must not change its exit code. */
  receive({ onSignal, onUncaughtError }: Receivers): () => void {
    onSignals(process, this.#gate, onSignal)
    process.on('uncaughtException', onUncaughtError) // unhandled rejections too
    return () => undefined
  }

  async adoptOrphans(emit: Emit): Promise<() => void> {
    if (!isFirstProcess(process)) return () => undefined
    const { reapOrphans } = await import('./orphans.ts')
    return reapOrphans(process, emit)
  }

  serves(listeners: readonly string[], emit: Emit): void {
    const { isBackground, readyFd } = this.#parts
    if (isBackground) leaveStandardError()
    this.successor.serves(process.pid)
    const line = `${JSON.stringify({ pid: process.pid, listeners })}\n`
    const problem = readyFd === undefined ? undefined : announce(readyFd, line)
    if (problem !== undefined) emit({ type: 'warning', message: problem })
  }

  end(emit: Emit): Promise<void> {
    return endPreloaded(process, this.#exits, emit)
  }
}
