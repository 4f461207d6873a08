// Runs in the arbiter: receives every signal of the table. A handler only puts a command into the queue.

import type { SignalGate } from '../../os/program/signal-gate.ts'
import { arbiterSignals, type ArbiterSignal } from '../model/signals.ts'

/** Node itself, and libraries that draw on a terminal, listen to these too: that ends nothing. */
const shared: readonly ArbiterSignal[] = ['SIGWINCH', 'SIGCHLD']

/**
 * The handlers stay for the life of the process: a second TERM at its very end must not change its exit code.
 * Listeners of modules that are preloaded into this process (NODE_OPTIONS) do not run: they would end it
 * before its workers.
 */
export function onSignals(
  process: Pick<NodeJS.Process, 'on'>,
  gate: Pick<SignalGate, 'on'>,
  put: (signal: ArbiterSignal) => void,
): void {
  for (const signal of arbiterSignals) {
    if (shared.includes(signal)) process.on(signal, () => put(signal))
    else gate.on(signal, () => put(signal))
  }
}
