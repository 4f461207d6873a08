// Runs in the command before it serves: a signal that arrives while it loads the config ends it like a server
// that stops, and its temporary files are removed.

import { exitCodes } from '../ipc/exit-codes.ts'
import type { ExitCalls } from '../os/program/exit-calls.ts'
import type { SignalGate } from '../os/program/signal-gate.ts'

type EarlySignal = 'SIGTERM' | 'SIGQUIT' | 'SIGINT'

/**
 * Without INT: a handler runs only when the event loop turns, and a config in a busy loop would ignore
 * Ctrl-C. So INT ends the process as it ends any program; but not the first process of a container, which the
 * kernel spares.
 */
export function earlySignals(isFirstProcess: boolean): readonly EarlySignal[] {
  return isFirstProcess ? ['SIGTERM', 'SIGQUIT', 'SIGINT'] : ['SIGTERM', 'SIGQUIT']
}

export interface EarlyStopParts {
  readonly gate: Pick<SignalGate, 'on'>
  readonly exits: Pick<ExitCalls, 'exitNow'>
  readonly signals: readonly EarlySignal[]
}

/**
 * Ends the process with exit code 0 at the first of the signals, after `cleanUp`, until the server takes
 * them.
 */
export function stopEarly(
  { gate, exits: { exitNow }, signals }: EarlyStopParts,
  cleanUp: () => Promise<void>,
): void {
  const stop = async (): Promise<void> => {
    await cleanUp()
    exitNow(exitCodes.ok.code)
  }
  for (const signal of signals) gate.on(signal, () => void stop())
}
