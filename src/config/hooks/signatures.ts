// The type of each hook function, for config files and hook scripts. Types only.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Settings } from '../settings/table.ts'
import type { HookName } from './table.ts'
import type { ServerView, Worker, WorkerView } from './views.ts'

type Done = void | Promise<void>

/** Every hook may be async; the server waits for it, for at most `hook_timeout`. */
export interface Hooks {
  nworkers_changed?(server: ServerView, new_value: number, old_value: number | null): Done
  on_starting?(server: ServerView): Done
  when_ready?(server: ServerView): Done
  pre_fork?(server: ServerView, worker: WorkerView): Done
  post_fork?(server: ServerView, worker: Worker): Done
  post_worker_init?(worker: Worker): Done
  workers_ready?(server: ServerView): Done
  pre_request?(worker: Worker, req: IncomingMessage): Done
  post_request?(worker: Worker, req: IncomingMessage, res: ServerResponse): Done
  on_reload?(server: ServerView): Done
  worker_int?(worker: Worker): Done
  worker_abort?(worker: Worker): Done
  worker_exit?(server: ServerView, worker: Worker): Done
  child_exit?(server: ServerView, worker: WorkerView): Done
  on_stopping?(server: ServerView): Done
  on_exit?(server: ServerView): Done
  pre_exec?(server: ServerView): Done
  ssl_context?(config: Settings, default_ssl_context_factory: () => unknown): unknown
}

export type HookArguments<Name extends HookName> = Parameters<NonNullable<Hooks[Name]>>
