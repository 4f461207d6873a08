// Runs in the commands: what is different for the first process of a container. The kernel gives it no signal
// that it has no handler for, so that without one `docker stop` waits ten seconds and Ctrl-C does nothing.

import { codeOfSignal, type EndingSignal } from '../program/exit-calls.ts'
import { SignalGate } from '../program/signal-gate.ts'

export function isFirstProcess({ pid }: Pick<NodeJS.Process, 'pid'>): boolean {
  return pid === 1
}

/** Those that end a process which has no handlers, and that people and container engines send for that. */
const signals: readonly EndingSignal[] = ['SIGTERM', 'SIGINT', 'SIGQUIT']

/**
 * From now on each of these signals ends the first process of a container, as it would end any other one.
 * The gate goes to the server, which replaces what is received: so no signal is lost in between. Undefined in
 * any other process.
 */
export function endOnSignals(process: NodeJS.Process): SignalGate | undefined {
  if (!isFirstProcess(process)) return undefined
  const gate = new SignalGate(process)
  const exit = process.exit.bind(process)
  for (const signal of signals) gate.on(signal, () => exit(codeOfSignal(signal)))
  return gate
}
