// The type of each hook function, for config files and hook scripts. Types only.
// Made by `npm run docs` from table.ts: edit that.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SecureContextOptions } from 'node:tls'
import type { Settings } from '../settings/checked.ts'
import type { HookName } from './table.ts'
import type { ServerView, Worker, WorkerView } from './views.ts'

type Done = void | Promise<void>

/** Every hook may be async; the server waits for it, for at most `hook_timeout`. */
export interface Hooks {
  /**
   * The number of workers was set: at the start (old_value is null), or by TTIN, TTOU, WINCH or a
   * reload.
   *
   * - process: master
   * - an exception is logged
   */
  nworkers_changed?(server: ServerView, new_value: number, old_value: number | null): Done
  /**
   * After the pidfile is written, before sockets are bound. Not called at a reload.
   *
   * - process: master
   * - an exception **refuses the start**
   */
  on_starting?(server: ServerView): Done
  /**
   * The sockets are listening; no worker has been started.
   *
   * - process: master
   * - an exception is logged
   */
  when_ready?(server: ServerView): Done
  /**
   * Before a worker process is started; worker.pid is null.
   *
   * - process: master
   * - an exception is logged
   */
  pre_fork?(server: ServerView, worker: WorkerView): Done
  /**
   * First hook in the worker: the config and the hook scripts are loaded; user and group are not changed
   * yet and the app is not loaded.
   *
   * - process: worker
   * - an exception **refuses the worker**
   */
  post_fork?(server: ServerView, worker: Worker): Done
  /**
   * The app is loaded and its startup() has finished; worker.server is the http.Server. The worker does
   * not accept connections yet.
   *
   * - process: worker
   * - an exception **refuses the worker**
   */
  post_worker_init?(worker: Worker): Done
  /**
   * All workers of the start are ready. Not in gunicorn.
   *
   * - process: master
   * - an exception is logged
   */
  workers_ready?(server: ServerView): Done
  /**
   * The headers of a request were read; the app is called after the hook, also if it is async.
   *
   * - process: worker
   * - an exception is logged
   */
  pre_request?(worker: Worker, req: IncomingMessage): Done
  /**
   * The response is complete or the connection was closed, after the access log line.
   *
   * - process: worker
   * - an exception is logged
   */
  post_request?(worker: Worker, req: IncomingMessage, res: ServerResponse): Done
  /**
   * A reload (HUP) has loaded the new config; no new worker has been started.
   *
   * - process: master
   * - an exception is logged
   */
  on_reload?(server: ServerView): Done
  /**
   * The worker must stop at once (the master received INT or QUIT).
   *
   * - process: worker
   * - an exception is logged
   */
  worker_int?(worker: Worker): Done
  /**
   * The worker is aborted because its event loop was blocked for `timeout`. The hook interrupts the
   * blocking JavaScript and runs up to its first `await`, for at most one second. If native code blocks,
   * or with `watchdog: false`, it runs only if the event loop turns before the worker is killed. Not
   * called at boot_timeout.
   *
   * - process: worker
   * - an exception is logged
   */
  worker_abort?(worker: Worker): Done
  /**
   * The worker is about to exit because the master stops or replaces it. Not called when it is killed,
   * crashes, or the app calls process.exit.
   *
   * - process: worker
   * - an exception is logged
   */
  worker_exit?(server: ServerView, worker: Worker): Done
  /**
   * A worker process has exited, for any reason.
   *
   * - process: master
   * - an exception is logged
   */
  child_exit?(server: ServerView, worker: WorkerView): Done
  /**
   * The server begins to stop; its workers still serve. Not in gunicorn.
   *
   * - process: master
   * - an exception is logged
   */
  on_stopping?(server: ServerView): Done
  /**
   * Last hook before the master exits: the workers have exited and the pidfile is removed.
   *
   * - process: master
   * - an exception is logged
   */
  on_exit?(server: ServerView): Done
  /**
   * Before the new master of an upgrade (USR2) is started.
   *
   * - process: master
   * - an exception is logged
   */
  pre_exec?(server: ServerView): Done
  /**
   * A certificate is made ready for handshakes: at the start of the worker, when it has changed, and
   * every 12 hours with new keys of session tickets; once for each. default_ssl_context_factory()
   * returns the options of tls.createSecureContext() that follow from the settings, and the hook returns
   * those to use.
   *
   * - process: worker
   * - an exception **refuses the worker**
   */
  ssl_context?(
    config: Settings,
    default_ssl_context_factory: () => SecureContextOptions,
  ): SecureContextOptions | Promise<SecureContextOptions>
}

export type HookArguments<Name extends HookName> = Parameters<NonNullable<Hooks[Name]>>
