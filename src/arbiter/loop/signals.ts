// Runs in the arbiter: listens to every signal of the table. A handler only puts a command into the queue.

import { arbiterSignals, type ArbiterSignal } from '../model/signals.ts'

/**
 * The handlers stay for the life of the process: a second TERM at its very end must not change its exit code.
 */
export function onSignals(process: Pick<NodeJS.Process, 'on'>, put: (signal: ArbiterSignal) => void): void {
  for (const signal of arbiterSignals) process.on(signal, () => put(signal))
}
