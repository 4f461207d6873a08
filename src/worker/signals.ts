// Runs in a worker: the arbiter sends its orders over the channel, never by signal. Operators send signals to
// every process of a name (`pkill -HUP`), a terminal sends Ctrl-C to the whole group, and systemd sends TERM
// to the whole cgroup: a worker survives them, and the app's own listeners run when its drain is over.

import type { SignalGate } from '../os/program/signal-gate.ts'

/**
 * Without a listener each would end or stop a Node process (or, USR1, open its inspector). WINCH and CHLD
 * would not: they arrive whenever a terminal is resized or a child process of the app ends, and are not
 * logged.
 */
export const ignoredSignals = [
  'SIGTERM',
  'SIGINT',
  'SIGQUIT',
  'SIGHUP',
  'SIGUSR1',
  'SIGUSR2',
  'SIGTTIN',
  'SIGTTOU',
] as const

export type IgnoredSignal = (typeof ignoredSignals)[number]

/** Those that programs also use for something else than their end, for example to write a heap snapshot. */
const freeSignals: readonly IgnoredSignal[] = ['SIGUSR1', 'SIGUSR2']

/** `onIgnored`: the signal had no effect at all. */
export function gateSignals(
  process: NodeJS.Process,
  gate: Pick<SignalGate, 'on'>,
  onIgnored: (signal: IgnoredSignal) => void,
): void {
  for (const signal of ignoredSignals) {
    gate.on(signal, () => {
      const called = freeSignals.includes(signal) && callFreeListeners(process, signal)
      if (!called) onIgnored(signal)
    })
  }
}

/** Libraries that clean up listen to every signal with the same function: those are for the end. */
function callFreeListeners(process: NodeJS.Process, signal: IgnoredSignal): boolean {
  const atEnd: readonly unknown[] = [...process.listeners('SIGTERM'), ...process.listeners('SIGINT')]
  const all = process.listeners(signal)
  const free = process.rawListeners(signal).filter((_, index) => !atEnd.includes(all[index]))
  for (const listener of free) Reflect.apply(listener, process, [signal])
  return free.length > 0
}

/**
 * Milliseconds until a signal is reported: with Ctrl-C or `kill -- -PGID` the arbiter has got it too, and
 * acts on it for all.
 */
const reportDelay = 500

/** Returns a function that reports each signal later, and once if it comes several times until then. */
export function delayReports(report: (signal: IgnoredSignal) => void): (signal: IgnoredSignal) => void {
  const waiting = new Set<IgnoredSignal>()
  return (signal) => {
    if (waiting.has(signal)) return
    waiting.add(signal)
    setTimeout(() => {
      waiting.delete(signal)
      report(signal)
    }, reportDelay).unref()
  }
}
