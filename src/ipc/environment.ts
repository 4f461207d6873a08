// Every environment variable that tsgun gives to or reads from another process. Descriptors have fixed
// numbers here too, so that both ends of a worker's pipes agree.

export const environmentNames = {
  /** To the worker: its slot, from 0. Also for the app, to choose a port or a GPU. */
  workerNr: 'TSGUN_WORKER_NR',
  /** To the worker: its age. */
  workerAge: 'TSGUN_WORKER_AGE',
  /**
   * To the master, from whoever starts it: the descriptor that gets one line of JSON when the workers serve.
   */
  readyFd: 'TSGUN_READY_FD',
  /** To the master, from whoever starts it: more command-line flags, split as a shell does. */
  commandArguments: 'TSGUN_CMD_ARGS',
  /** To `tsgunctl`: the control socket of the server. */
  controlSocket: 'TSGUN_CONTROL_SOCKET',
  /** To a new master, from the old one: its pid, its sockets and the pipes between the two, as JSON. */
  upgrade: 'TSGUN_UPGRADE',
  /** To the master, from the command that starts it in the background. */
  daemonized: 'TSGUN_DAEMONIZED',
} as const

/**
 * What a supervisor says to the master alone (sd_notify(3), sd_watchdog_enabled(3)); its sockets are in
 * listen/activation.ts.
 */
export const supervisorNames = {
  notifySocket: 'NOTIFY_SOCKET',
  watchdogTime: 'WATCHDOG_USEC',
  watchdogPid: 'WATCHDOG_PID',
} as const

/** The descriptors of a worker process. Listening sockets follow from `firstListener` on. */
export const workerDescriptors = {
  stdout: 1,
  stderr: 2,
  channel: 3,
  log: 4,
  report: 5,
  firstListener: 6,
} as const
