// Every environment variable that tsgun sets for another process or reads, and the descriptor numbers of a
// worker, which both ends of its pipes use. Any process.

import { workerMark } from '../os/process/worker-mark.ts'

export const environmentNames = {
  /** For the worker: its slot, from 0. The app can use it too, for example to choose a port or a GPU. */
  workerNr: workerMark,
  /** For the worker: its age. */
  workerAge: 'TSGUN_WORKER_AGE',
  /** For the process of a task: the name of its task. */
  task: 'TSGUN_TASK',
  /** For a process of a further service: its name. */
  service: 'TSGUN_SERVICE',
  /** For the worker: how many CPUs its computations may use. */
  cpus: 'TSGUN_CPUS',
  /**
   * For the master, from the process that starts it: the descriptor to which it writes one line of JSON when
   * the workers serve.
   */
  readyFd: 'TSGUN_READY_FD',
  /** For the master, from the operator: more command-line flags, split as in a shell. */
  commandArguments: 'TSGUN_CMD_ARGS',
  /** For `tsgunctl`: the control socket of the server. */
  controlSocket: 'TSGUN_CONTROL_SOCKET',
  /** For a new master, from the old one: its pid, its sockets and the pipes between the two, as JSON. */
  upgrade: 'TSGUN_UPGRADE',
  /** For a worker that is started before its config is known, one of `earlyKinds`. The app never sees it. */
  early: 'TSGUN_EARLY',
  /** For the master, from the command that starts it in the background. */
  daemonized: 'TSGUN_DAEMONIZED',
  /** For `--check-config`, from `tsgun build`: this machine is not the one that will serve. */
  buildCheck: 'TSGUN_BUILD_CHECK',
} as const

/** What an app is likely to be: TypeScript needs hooks, which some versions of Node start slowly. */
export const earlyKinds = { typescript: 'typescript', other: 'other' } as const

/**
 * Variables from a supervisor, for the master only (sd_notify(3), sd_watchdog_enabled(3)). Those of its
 * sockets are in listen/activation.ts.
 */
export const supervisorNames = {
  notifySocket: 'NOTIFY_SOCKET',
  watchdogTime: 'WATCHDOG_USEC',
  watchdogPid: 'WATCHDOG_PID',
} as const

/** They are for a master: a tsgun that an app starts is another server. */
export const notForWorkers: readonly string[] = [
  environmentNames.readyFd,
  environmentNames.daemonized,
  ...Object.values(supervisorNames),
]

/**
 * The descriptors of a worker process. Those of shared memory have the numbers from `firstInherited` on, the
 * listening sockets those after them.
 */
export const workerDescriptors = {
  stdout: 1,
  stderr: 2,
  channel: 3,
  log: 4,
  report: 5,
  counters: 6,
  firstInherited: 7,
} as const
