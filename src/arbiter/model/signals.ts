// The signals of the master, as operators call it: gunicorn's names and effects. The signals page of the docs
// is made from this table. Pure; loop/signals.ts listens to them.

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
      'Graceful stop: workers accept the connections that are already queued, stop accepting, finish their ' +
      'requests within `graceful_timeout`, and the master exits with 0.',
    hooks: [{ hook: 'on_stopping', runs: 'once' }, ...endOfWorker, { hook: 'on_exit', runs: 'once' }],
  },
  SIGINT: {
    effect:
      'Quick stop: workers exit at once and requests in flight are cut off. During a graceful stop it ' +
      'makes ' +
      'the stop quick.',
    hooks: quickStop,
  },
  SIGQUIT: { effect: 'The same as INT.', hooks: quickStop },
  SIGHUP: {
    effect:
      'Reload: loads the config again and replaces the workers one at a time; each new worker is ready ' +
      'before ' +
      'the old one is retired. If the config is wrong or the first new worker does not boot, the old ' +
      'generation keeps serving. The number of workers is that of the config again. With `reload`, when ' +
      'the terminal was closed: quick stop.',
    hooks: [
      { hook: 'nworkers_changed', runs: 'changed' },
      { hook: 'on_reload', runs: 'once' },
      ...startOfWorker,
      ...endOfWorker,
    ],
  },
  SIGTTIN: {
    effect: 'One more worker, until the next reload.',
    hooks: [{ hook: 'nworkers_changed', runs: 'once' }, ...startOfWorker],
  },
  SIGTTOU: {
    effect:
      'One worker less, but at least one, until the next reload. The worker of the highest slot is retired.',
    hooks: [{ hook: 'nworkers_changed', runs: 'once' }, ...endOfWorker],
  },
  SIGUSR1: {
    effect:
      'Reopen the log files after logrotate has renamed them: earlier lines are in the old file, later ' +
      'ones ' +
      'in the new one.',
    hooks: [],
  },
  SIGUSR2: {
    effect:
      'Upgrade: starts a new master beside this one, with the same sockets. TERM to the old master ' +
      'completes ' +
      'the upgrade, TERM to the new one reverts it.',
    hooks: [{ hook: 'pre_exec', runs: 'once' }],
  },
  SIGWINCH: {
    effect:
      'Only for a daemon: all workers stop gracefully and the master stays; HUP starts them again. ' +
      'Otherwise ' +
      'it is ignored, because terminals send it when they are resized.',
    hooks: [{ hook: 'nworkers_changed', runs: 'once' }, ...endOfWorker],
  },
  SIGCHLD: {
    effect: 'Nothing to send by hand: a worker that ends is reaped and replaced at once.',
    hooks: [],
  },
} as const satisfies Readonly<Record<string, SignalRow>>

export type ArbiterSignal = keyof typeof signalTable

export const arbiterSignals = Object.keys(signalTable) as ArbiterSignal[] // the table's own keys

/** Whether people and programs send this signal to a server as an order. */
export function isArbiterSignal(signal: NodeJS.Signals): signal is ArbiterSignal {
  return Object.hasOwn(signalTable, signal)
}
