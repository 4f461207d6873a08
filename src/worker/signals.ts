// Runs in a worker: the arbiter sends its orders over the channel, never by signal. Operators send signals to
// every process of a name (`pkill -HUP`), a terminal sends Ctrl-C to the whole group, and systemd sends TERM
// to the whole cgroup: a worker must survive them.

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

export function ignoreSignals(
  process: Pick<NodeJS.Process, 'on'>,
  onSignal: (signal: IgnoredSignal) => void,
): void {
  for (const signal of ignoredSignals) process.on(signal, () => onSignal(signal))
}
