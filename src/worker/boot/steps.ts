// Runs in a worker: the steps of a boot and what they return, as the life of the worker calls them.

import type { App } from '../../app/model/app.ts'
import type { HookRunner } from '../../config/hooks/runner.ts'
import type { ServerView } from '../../config/hooks/views.ts'
import type { ErrorReport } from '../../ipc/messages.ts'
import type { TaskReport } from '../../ipc/task-report.ts'
import type { Serving } from '../../serving/classes/worker-class.ts'
import type { ProcessTasks } from './task-calls.ts'
import type { WorkerSelf } from './views.ts'

/** A worker whose hooks are loaded. */
export interface Beginning {
  readonly hooks: HookRunner
  readonly server: ServerView
  readonly worker: WorkerSelf
  /** Absent without tasks. */
  readonly tasks?: ProcessTasks | undefined
}

/** A worker that is able to serve. */
export interface Booted {
  readonly app: App
  readonly serving: Serving
  /** Returns what to report of tasks; absent without tasks. */
  readonly taskReport?: (() => TaskReport) | undefined
}

export interface BootSteps {
  /** Loads the hooks of the config file and of the hook scripts. */
  readonly begin: () => Promise<Beginning>
  /** Does all from post_fork to post_worker_init. Rejects with the error that stopped it. */
  readonly boot: (beginning: Beginning) => Promise<Booted>
  /** With `reload`: returns a worker that serves this error instead of the app. */
  readonly errorPage: (error: ErrorReport) => Promise<Booted>
}
