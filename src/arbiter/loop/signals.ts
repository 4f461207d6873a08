// The master's signals, gunicorn's names and effects; docs/reference/signals.md is made from this table. A
// handler only puts a command into the queue.

import { startOfWorker, type HookStep } from '../../config/hooks/table.ts'

export interface SignalRow {
  readonly effect: string
  /** The hooks that run, in their order; a test compares them with a trace. */
  readonly hooks: readonly HookStep[]
}

const endOfWorker: readonly HookStep[] = [
  { hook: 'worker_exit', runs: 'each worker' },
  { hook: 'child_exit', runs: 'each worker' },
]
const quickStop: readonly HookStep[] = [
  { hook: 'on_stopping', runs: 'once' },
  { hook: 'worker_int', runs: 'each worker' },
  ...endOfWorker,
  { hook: 'on_exit', runs: 'once' },
]

export const signalTable = {
  SIGTERM: {
    effect:
      'Graceful stop: workers take the connections that wait already, stop accepting, finish their ' +
      'requests within `graceful_timeout`, and the master exits with 0.',
    hooks: [{ hook: 'on_stopping', runs: 'once' }, ...endOfWorker, { hook: 'on_exit', runs: 'once' }],
  },
  SIGINT: {
    effect:
      'Quick stop: workers exit at once, requests in flight are cut off. During a graceful stop it ' +
      'makes the stop quick.',
    hooks: quickStop,
  },
  SIGQUIT: { effect: 'The same as INT.', hooks: quickStop },
  SIGHUP: {
    effect:
      'Reload: the config is loaded anew; if it is right, workers are replaced one at a time, each new ' +
      'one ready before its old one goes. If the config is wrong or the first new worker does not ' +
      'boot, the old generation goes on serving. The number of workers is that of the config again.',
    hooks: [
      { hook: 'nworkers_changed', runs: 'changed' },
      { hook: 'on_reload', runs: 'once' },
      ...startOfWorker,
      ...endOfWorker,
    ],
  },
  SIGTTIN: {
    effect: 'One worker more, until the next reload.',
    hooks: [{ hook: 'nworkers_changed', runs: 'once' }, ...startOfWorker],
  },
  SIGTTOU: {
    effect:
      'One worker less, but at least one, until the next reload. The worker of the highest slot is retired.',
    hooks: [{ hook: 'nworkers_changed', runs: 'once' }, ...endOfWorker],
  },
  SIGUSR1: {
    effect:
      'Reopen the log files, after logrotate has renamed them: earlier lines are in the old file, ' +
      'later ones in the new.',
    hooks: [],
  },
  SIGUSR2: {
    effect:
      'Upgrade: a new master is started beside this one, with the same sockets. TERM to the old one ' +
      'completes the upgrade, TERM to the new one takes it back (docs/run/upgrade.md).',
    hooks: [{ hook: 'pre_exec', runs: 'once' }],
  },
  SIGWINCH: {
    effect:
      'Only for a daemon: all workers stop gracefully and the master stays; HUP brings them back. ' +
      'Otherwise it is ignored, because terminals send it when they are resized.',
    hooks: [{ hook: 'nworkers_changed', runs: 'once' }, ...endOfWorker],
  },
  SIGCHLD: {
    effect: 'Nothing to be asked for: a worker that ends is reaped and replaced at once.',
    hooks: [],
  },
} as const satisfies Readonly<Record<string, SignalRow>>

export type ArbiterSignal = keyof typeof signalTable

export const arbiterSignals = Object.keys(signalTable) as ArbiterSignal[] // the table's own keys

/** Whether people and programs send this signal to a server as an order. */
export function isMasterSignal(signal: NodeJS.Signals): signal is ArbiterSignal {
  return Object.hasOwn(signalTable, signal)
}

/**
 * The handlers stay for the life of the process: a second TERM at its very end must not change its exit code.
 */
export function onSignals(process: Pick<NodeJS.Process, 'on'>, put: (signal: ArbiterSignal) => void): void {
  for (const signal of arbiterSignals) process.on(signal, () => put(signal))
}
