// The only place where a hook exists. Its name, process and order are gunicorn's; docs/hooks.md is made from
// this table, and a test compares it with a recorded trace. Types are for the user's config file; nothing
// here is loaded by a request.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Channel } from '../../logging/channels.ts'
import type { Settings } from '../settings/table.ts'

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

/** The master as its hooks see it. Each property is read when it is asked for. */
export interface ServerView {
  readonly pid: number
  readonly version: string
  readonly settings: Settings
  /** The addresses that the sockets are bound to, such as `http://127.0.0.1:8000`. */
  readonly listeners: readonly string[]
  /** How many workers there should be. */
  readonly num_workers: number
  /** 1 at the start, one more with each reload. */
  readonly generation: number
  /** The workers that live; empty in a worker process. */
  readonly workers: readonly WorkerView[]
  /** Slots 0 to num_workers - 1; empty in a worker process. */
  readonly slots: readonly SlotView[]
  /**
   * What has become of each log since it was opened; null in a worker process. Two logs that share a file
   * have the same counts.
   */
  readonly logs: Readonly<Record<Channel, LogView>> | null
}

/** A slot as the master sees it. */
export interface SlotView {
  readonly nr: number
  /**
   * `crash-loop`: three or more of its workers in a row have failed soon; the next is tried with a growing
   * delay.
   */
  readonly state: 'ready' | 'starting' | 'crash-loop'
  /** How many workers in a row have failed before they were ready, or soon after. */
  readonly failures: number
  /** Why the last of them failed, in one line; null without failures. */
  readonly last_error: string | null
}

/** A log as the master sees it. */
export interface LogView {
  /** The path, `stdout`, `stderr` or `none`. */
  readonly name: string
  /** Bytes that were written. */
  readonly written: number
  /** Bytes that wait in the master's memory, because the disk does not take them at this moment. */
  readonly waiting: number
  /** Lines that were dropped, in the master or in a worker, because too much waited (`log_buffer`). */
  readonly dropped: number
  readonly rotations: number
}

/** A worker as the master sees it. */
export interface WorkerView {
  /** The stable number of the worker's slot, from 0; its replacement takes it over. */
  readonly nr: number
  /** How many workers the master had started when it started this one, itself included. */
  readonly age: number
  readonly generation: number
  /** Null until the process is started. */
  readonly pid: number | null
  readonly state: string
  /**
   * As it said with its last beat, at most a second ago if its event loop turns: requests that it has
   * answered, those it works on, and connections.
   */
  readonly requests: number
  readonly busy: number
  readonly connections: number
  /** Bytes of memory; 0 before the first beat. */
  readonly rss: number
  /** Requests that have outlived `request_timeout` because the app has not ended them, at its last beat. */
  readonly overdue: number
  /** In child_exit: why it ended, and how. */
  readonly exit?: WorkerExit
}

/** Why and how a worker has ended. */
export interface WorkerExit {
  /**
   * What the master wanted (`stop`, `quit`, `reload`, `scale`, `timeout`, `boot_timeout` …), or
   * `disconnected`: its app closed the channel; `oom`: V8 or the kernel had no memory for it; `signal` and
   * `exit`: anything else.
   */
  readonly reason: string
  /** Null for one that a signal ended. */
  readonly code: number | null
  readonly signal: string | null
  /** `itself`: it exited or crashed. `other`: a signal that tsgun did not send. Null: it never began. */
  readonly ended_by: 'tsgun' | 'itself' | 'other' | null
  /** The last lines of its standard error; empty with `capture_output: false`. */
  readonly stderr: readonly string[]
  /** What its watchdog has told, if it was stuck. */
  readonly report?: WorkerReport
}

/** Why a worker is about to end. */
export interface WorkerEnding {
  /** As in child_exit; `orphaned`: the master is gone. */
  readonly reason: string
  /** The code it is going to exit with. */
  readonly code: number
}

/** What held up a worker that was stuck; docs/stuck-workers.md says how to read it. */
export interface WorkerReport {
  readonly where: 'javascript' | 'native' | 'waiting'
  /** Milliseconds for which the event loop was silent. */
  readonly silent: number
  /** Innermost function first. */
  readonly stack: readonly string[]
  /** Requests in flight, oldest first. */
  readonly requests: readonly string[]
}

/** A worker as its own process sees it. */
export interface Worker {
  readonly nr: number
  readonly age: number
  readonly generation: number
  readonly pid: number
  readonly settings: Settings
  /** The HTTP server of this worker, from `post_worker_init` on: attach `ws` or `socket.io` to it. */
  readonly server: Server | null
  /** From worker_int, worker_abort and worker_exit on; null before. */
  readonly exit: WorkerEnding | null
}

type Done = void | Promise<void>

/** Every hook may be async; `hook_timeout` bounds how long the server waits for it. */
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
