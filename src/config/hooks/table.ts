// The hook table: each hook's name, process and arguments, and the order in which hooks run. Names, processes
// and order are gunicorn's. docs/reference/hooks.md is generated from it, and a test compares
// it with the hooks of a real server.

export interface HookRow {
  /** The process that runs it. */
  readonly process: 'arbiter' | 'worker'
  readonly arguments: readonly string[]
  /** Whether an exception stops what is about to happen; otherwise it is logged and the server continues. */
  readonly refuses?: true
  /** When it is called, for the docs. */
  readonly when: string
}

export const hookTable = {
  nworkers_changed: {
    process: 'arbiter',
    arguments: ['server', 'new_value', 'old_value'],
    when:
      'The number of workers was set: at the start (old_value is null), or by TTIN, TTOU, WINCH or a ' +
      'reload.',
  },
  on_starting: {
    process: 'arbiter',
    arguments: ['server'],
    refuses: true,
    when: 'After the pidfile is written, before sockets are bound. Not called at a reload.',
  },
  when_ready: {
    process: 'arbiter',
    arguments: ['server'],
    when: 'The sockets are listening; no worker has been started.',
  },
  pre_fork: {
    process: 'arbiter',
    arguments: ['server', 'worker'],
    when: 'Before a worker process is started; worker.pid is null.',
  },
  post_fork: {
    process: 'worker',
    arguments: ['server', 'worker'],
    refuses: true,
    when:
      'First hook in the worker: the config and the hook scripts are loaded; user and group are not ' +
      'changed yet and the app is not loaded.',
  },
  post_worker_init: {
    process: 'worker',
    arguments: ['worker'],
    refuses: true,
    when:
      'The app is loaded and its startup() has finished; worker.server is the http.Server. The worker ' +
      'does not accept connections yet.',
  },
  workers_ready: {
    process: 'arbiter',
    arguments: ['server'],
    when: 'All workers of the start are ready. Not in gunicorn.',
  },
  pre_request: {
    process: 'worker',
    arguments: ['worker', 'req'],
    when: 'The headers of a request were read; the app is called after the hook, also if it is async.',
  },
  post_request: {
    process: 'worker',
    arguments: ['worker', 'req', 'res'],
    when: 'The response is complete or the connection was closed, after the access log line.',
  },
  on_reload: {
    process: 'arbiter',
    arguments: ['server'],
    when: 'A reload (HUP) has loaded the new config; no new worker has been started.',
  },
  worker_int: {
    process: 'worker',
    arguments: ['worker'],
    when: 'The worker must stop at once (the master received INT or QUIT).',
  },
  worker_abort: {
    process: 'worker',
    arguments: ['worker'],
    when:
      'The worker is aborted because its event loop was blocked for `timeout`. The hook interrupts the ' +
      'blocking JavaScript and runs up to its first `await`, for at most one second. If native code ' +
      'blocks, or with `watchdog: false`, it runs only if the event loop turns before the worker is ' +
      'killed. Not called at boot_timeout.',
  },
  worker_exit: {
    process: 'worker',
    arguments: ['server', 'worker'],
    when:
      'The worker is about to exit because the master stops or replaces it. Not called when it is ' +
      'killed, crashes, or the app calls process.exit.',
  },
  child_exit: {
    process: 'arbiter',
    arguments: ['server', 'worker'],
    when: 'A worker process has exited, for any reason.',
  },
  on_stopping: {
    process: 'arbiter',
    arguments: ['server'],
    when: 'The server begins to stop; its workers still serve. Not in gunicorn.',
  },
  on_exit: {
    process: 'arbiter',
    arguments: ['server'],
    when: 'Last hook before the master exits: the workers have exited and the pidfile is removed.',
  },
  pre_exec: {
    process: 'arbiter',
    arguments: ['server'],
    when: 'Before the new master of an upgrade (USR2) is started.',
  },
  ssl_context: {
    process: 'worker',
    arguments: ['config', 'default_ssl_context_factory'],
    refuses: true,
    when:
      'A certificate is made ready for handshakes: at the start of the worker, when it has changed, and ' +
      'every 12 hours with new keys of session tickets; once for each. default_ssl_context_factory() ' +
      'returns the options of tls.createSecureContext() that follow from the settings, and the hook ' +
      'returns those to use.',
  },
} as const satisfies Record<string, HookRow>

export type HookName = keyof typeof hookTable

/** A hook in a sequence of hooks. */
export interface HookStep {
  readonly hook: HookName
  /** `changed`: once, but only if the number of workers changes. */
  readonly runs: 'once' | 'changed' | 'each worker'
}

const once = (hook: HookName): HookStep => ({ hook, runs: 'once' })
const each = (hook: HookName): HookStep => ({ hook, runs: 'each worker' })

/** The start of a worker: also after another one ended, at TTIN and at a reload. */
export const startOfWorker: readonly HookStep[] = [
  each('pre_fork'),
  each('post_fork'),
  each('post_worker_init'),
]

/** The order of hooks for everything except signals, whose hooks are in the signal table. */
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
    when: 'A worker is killed, crashes, or calls process.exit',
    steps: [each('child_exit'), ...startOfWorker],
  },
  timeout: {
    when: 'JavaScript blocks the event loop of a worker for `timeout`; a replacement starts at the same time',
    steps: [each('worker_abort'), each('child_exit')],
  },
} as const satisfies Readonly<Record<string, { readonly when: string; readonly steps: readonly HookStep[] }>>

export const hookNames = Object.keys(hookTable) as HookName[] // the keys of the table
