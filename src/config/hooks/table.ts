// The hook table: each hook's name, process and arguments, and the order in which hooks run. Names, processes
// and order are gunicorn's. docs/hooks.md is generated from it, and a test compares it with a recorded run.

export interface HookRow {
  /** The process that runs it. */
  readonly process: 'arbiter' | 'worker'
  readonly arguments: readonly string[]
  /**
   * True when an exception refuses what is about to happen; otherwise it is logged and the server goes on.
   */
  readonly refuses?: true
  /** Why no version so far calls it; a config that defines it gets a warning. */
  readonly pending?: string
  readonly when: string
}

export const hookTable = {
  nworkers_changed: {
    process: 'arbiter',
    arguments: ['server', 'new_value', 'old_value'],
    when:
      'The number of workers was set: at the start (old_value is null), and when TTIN, TTOU, WINCH or ' +
      'a reload changes it.',
  },
  on_starting: {
    process: 'arbiter',
    arguments: ['server'],
    refuses: true,
    when: 'The pidfile is written; no socket is bound yet. Not called on a reload.',
  },
  when_ready: {
    process: 'arbiter',
    arguments: ['server'],
    when: 'The sockets listen; no worker exists yet.',
  },
  pre_fork: {
    process: 'arbiter',
    arguments: ['server', 'worker'],
    when: 'Just before a worker process is started; worker.pid is null.',
  },
  post_fork: {
    process: 'worker',
    arguments: ['server', 'worker'],
    refuses: true,
    when:
      'The first hook in the worker, right after the config and the hook scripts are loaded, before ' +
      'user and group change and before the app is loaded.',
  },
  post_worker_init: {
    process: 'worker',
    arguments: ['worker'],
    refuses: true,
    when:
      'The app is loaded and its startup() is done; worker.server is the http.Server. The worker does ' +
      'not accept yet.',
  },
  workers_ready: {
    process: 'arbiter',
    arguments: ['server'],
    when: 'All workers of the start serve. gunicorn has no such hook.',
  },
  pre_request: {
    process: 'worker',
    arguments: ['worker', 'req'],
    when: 'The head of a request was read, before the app gets it. If it is async, the app waits for it.',
  },
  post_request: {
    process: 'worker',
    arguments: ['worker', 'req', 'res'],
    when: 'The response is complete or the connection is gone, after the access line.',
  },
  on_reload: {
    process: 'arbiter',
    arguments: ['server'],
    when: 'A reload (HUP) has loaded the new config, before its first worker is started.',
  },
  worker_int: {
    process: 'worker',
    arguments: ['worker'],
    when: 'The worker is told to stop at once (the master got INT or QUIT).',
  },
  worker_abort: {
    process: 'worker',
    arguments: ['worker'],
    when:
      'The worker is aborted because its event loop was silent for `timeout`. It runs in the middle of ' +
      'the JavaScript that blocks the loop, up to its first `await`, for a second at the most; in ' +
      'native code that blocks, or with `watchdog: false`, only if the loop turns again before the ' +
      'kill. Not at boot_timeout.',
  },
  worker_exit: {
    process: 'worker',
    arguments: ['server', 'worker'],
    when:
      'The worker is about to exit because it was told to. Not when it is killed, crashes, or the app ' +
      'calls process.exit.',
  },
  child_exit: {
    process: 'arbiter',
    arguments: ['server', 'worker'],
    when: 'A worker process is gone, for whatever reason.',
  },
  on_stopping: {
    process: 'arbiter',
    arguments: ['server'],
    when: 'The server was told to stop, before its workers are. gunicorn has no such hook.',
  },
  on_exit: {
    process: 'arbiter',
    arguments: ['server'],
    when: 'The last thing before the master exits: workers are gone, the pidfile is removed.',
  },
  pre_exec: {
    process: 'arbiter',
    arguments: ['server'],
    when: 'Just before the new master of an upgrade (USR2) is started.',
  },
  ssl_context: {
    process: 'worker',
    arguments: ['config', 'default_ssl_context_factory'],
    pending: 'TLS',
    when: 'The TLS context of a worker is made.',
  },
} as const satisfies Record<string, HookRow>

export type HookName = keyof typeof hookTable

/** A hook in the order of what happens. */
export interface HookStep {
  readonly hook: HookName
  /** How often it runs; `changed`: once, but only if the number of workers changes. */
  readonly runs: 'once' | 'changed' | 'each worker'
}

const once = (hook: HookName): HookStep => ({ hook, runs: 'once' })
const each = (hook: HookName): HookStep => ({ hook, runs: 'each worker' })

/** A worker begins: also after it died, at TTIN and at a reload. */
export const startOfWorker: readonly HookStep[] = [
  each('pre_fork'),
  each('post_fork'),
  each('post_worker_init'),
]

/**
 * What happens without a signal, with the hooks in their order; those of the signals are in the signal table.
 */
export const hookOrder = {
  start: {
    when: 'The server starts',
    steps: [
      once('nworkers_changed'),
      once('on_starting'),
      once('when_ready'),
      ...startOfWorker,
      once('workers_ready'),
    ],
  },
  request: { when: 'A request', steps: [once('pre_request'), once('post_request')] },
  killed: {
    when: 'A worker dies: it was killed, crashed, or called process.exit',
    steps: [each('child_exit'), ...startOfWorker],
  },
  timeout: {
    when: 'JavaScript blocks the event loop of a worker for `timeout`; its replacement starts meanwhile',
    steps: [each('worker_abort'), each('child_exit')],
  },
} as const satisfies Readonly<Record<string, { readonly when: string; readonly steps: readonly HookStep[] }>>

export const hookNames = Object.keys(hookTable) as HookName[] // the table's own keys: no other can be there
