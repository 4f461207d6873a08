// Runs in a worker, or in a thread of it that serves: what a signal of the app to its own process does.

import { codeOfSignal, type EndingSignal, type ExitCalls } from '../os/program/exit-calls.ts'

export class OwnSignals {
  #onSignal: (signal: EndingSignal) => void

  /** Until there is a life it ends the process or the thread, as under node. */
  constructor(exits: Pick<ExitCalls, 'exitNow' | 'catchOwnSignals'>) {
    this.#onSignal = (signal) => exits.exitNow(codeOfSignal(signal))
    exits.catchOwnSignals((signal) => this.#onSignal(signal))
  }

  passTo(onSignal: (signal: EndingSignal) => void): void {
    this.#onSignal = onSignal
  }
}
