// Master and worker: the calls by which the program in this process (the app, a preloaded module) ends it:
// `process.exit`, and a signal that it sends to itself, as libraries do when they have cleaned up.

import { constants } from 'node:os'

/** A signal that ends a process of Node.js which does not listen to it, and that programs use for that. */
export type EndingSignal = 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGHUP'

export const endingSignals: readonly EndingSignal[] = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP']

/** The exit code by which a shell, or a program that follows it, reports a signal. */
export function codeOfSignal(signal: EndingSignal): number {
  return 128 + constants.signals[signal]
}

export interface ExitRequest {
  /** Undefined for a signal to itself. */
  readonly code: number | undefined
}

export class ExitCalls {
  readonly #process: NodeJS.Process
  readonly #exit: (code?: number) => never
  /** What `process.exit` calls while the program is at its end. */
  #onRequest: ((request: ExitRequest) => void) | undefined
  /** What the program had made of `process.exit` before it was held. */
  #before: NodeJS.Process['exit'] | undefined

  constructor(process: NodeJS.Process) {
    this.#process = process
    this.#exit = process.exit.bind(process)
  }

  /** Ends this process now, whatever the program has made of `process.exit`. */
  // Without an argument Node keeps the code that it has.
  readonly exitNow = (code?: number): never => (code === undefined ? this.#exit() : this.#exit(code))

  /** From now on a signal of the program to its own process only calls `onSignal`. */
  catchOwnSignals(onSignal: (signal: EndingSignal) => void): void {
    const kill = this.#process.kill.bind(this.#process)
    const caught = (pid: number, signal?: string | number): true => {
      const found = Number(pid) === this.#process.pid ? endingSignalOf(signal) : undefined
      if (found === undefined) return kill(pid, signal)
      if (this.#onRequest) this.#onRequest({ code: undefined })
      else onSignal(found)
      return true
    }
    this.#process.kill = caught
  }

  /**
   * From now on `process.exit` returns, and means: this part of the program has done what it had to. The
   * other parts get their time, and the caller of `hold` ends the process.
   */
  hold(onRequest: (request: ExitRequest) => void): void {
    this.#onRequest = onRequest
    if (this.#before !== undefined) return
    this.#before = this.#process.exit
    const held = (code?: number | string | null): void =>
      this.#onRequest?.({ code: exitCode(this.#process, code) })
    Reflect.set(this.#process, 'exit', held)
  }

  /** `process.exit` ends the process again. */
  release(): void {
    if (this.#before !== undefined) this.#process.exit = this.#before
    this.#before = undefined
    this.#onRequest = undefined
  }
}

/** As Node reads it: without a code, that of `process.exitCode`. */
function exitCode({ exitCode: preset }: NodeJS.Process, code: number | string | null | undefined): number {
  return Number(code ?? preset ?? 0)
}

/** `process.kill(pid)` sends TERM. */
function endingSignalOf(signal: string | number = 'SIGTERM'): EndingSignal | undefined {
  return endingSignals.find((name) => name === signal || constants.signals[name] === signal)
}
