// What hooks receive: read-only views of the server and its workers. Types only.

import type { Server } from 'node:http'
import type { LogName } from '../../logging/log-names.ts'
import type { LogView } from '../../logging/log-view.ts'
import type { Settings } from '../settings/checked.ts'

export type { LogView }

/** The server as hooks see it. Each property returns its current value. */
export interface ServerView {
  readonly pid: number
  readonly version: string
  readonly settings: Settings
  /** The addresses of the bound sockets, such as `http://127.0.0.1:8000`. */
  readonly listeners: readonly string[]
  /** The number of workers that the server keeps running. */
  readonly num_workers: number
  /** 1 at the start. Each reload takes the next number, even if it fails. */
  readonly generation: number
  /** The running workers; empty in a worker process. */
  readonly workers: readonly WorkerView[]
  /** Slots 0 to num_workers - 1; empty in a worker process. */
  readonly slots: readonly SlotView[]
  /**
   * The counters of each log; null in a worker process. Two logs that share a file have the same, except
   * `dropped`.
   */
  readonly logs: Readonly<Record<LogName, LogView>> | null
}

/** A slot, the place of one worker. */
export interface SlotView {
  readonly nr: number
  /**
   * `crash-loop`: three or more workers in a row failed before or soon after they were ready; the next one
   * starts after a growing delay.
   */
  readonly state: 'ready' | 'starting' | 'crash-loop'
  /** The number of workers in a row that failed before or soon after they were ready. */
  readonly failures: number
  /** Why the last worker failed, in one line; null without failures. */
  readonly last_error: string | null
}

/** A worker, in the master. */
export interface WorkerView {
  /** The number of the worker's slot, from 0; its replacement has the same number. */
  readonly nr: number
  /** The name of its task; null for any other process. */
  readonly task: string | null
  /** The name of its service, "web" for a worker of the app; null for a process of a task. */
  readonly service: string | null
  /** 1 for the first worker that the master started, 2 for the second, and so on. */
  readonly age: number
  readonly generation: number
  /** Null until the process is started. */
  readonly pid: number | null
  /** `spawned`, `booting`, `ready`, `draining`, `aborting` or `killed`. */
  readonly state: string
  /** Why the worker is being ended, for example `reload`, `scale` or `max_requests`; otherwise null. */
  readonly reason: string | null
  /** Seconds since the process was started. */
  readonly age_seconds: number
  /** Seconds since the worker was ready; null before. */
  readonly uptime_seconds: number | null
  /** Seconds since its last beat, which is sent when its event loop turns. */
  readonly beat_seconds: number
  /**
   * Completed requests, as of the last beat of the worker, which is at most a second old unless its event
   * loop is blocked. So are the next four fields.
   */
  readonly requests: number
  /** Requests in flight. */
  readonly busy: number
  /** Open connections. */
  readonly connections: number
  /** Resident memory in bytes; 0 before the first beat. */
  readonly rss: number
  /** Requests that exceeded `request_timeout` and that the app has not ended. */
  readonly overdue: number
  /** In child_exit: why and how the worker ended. */
  readonly exit?: WorkerExit
}

/** Why and how a worker ended. */
export interface WorkerExit {
  /**
   * Why the master ended it (`stop`, `quit`, `reload`, `scale`, `timeout`, `boot_timeout` …), or
   * `disconnected`: the app closed the channel to the master; `oom`: it ran out of memory (V8 or the kernel);
   * `signal` and `exit`: any other reason.
   */
  readonly reason: string
  /** Null if a signal ended it. */
  readonly code: number | null
  readonly signal: string | null
  /** `itself`: it exited or crashed. `other`: a signal that tsgun did not send. Null: it never started. */
  readonly ended_by: 'tsgun' | 'itself' | 'other' | null
  /** The last lines of its standard error; empty with `capture_output: false`. */
  readonly stderr: readonly string[]
  /** What its watchdog reported, if the worker was stuck. */
  readonly report?: StuckReport
}

/** Why a worker is about to end. */
export interface WorkerEnding {
  /** As in child_exit, or `orphaned`: the master no longer exists. */
  readonly reason: string
  /** The code that the worker will exit with. */
  readonly code: number
}

/**
 * `javascript`: code whose stack is known. `native`: code of Node.js, an addon or the system, which shows no
 * stack. `waiting`: the event loop turns, but the worker does not finish its boot.
 */
export type StuckPlace = 'javascript' | 'native' | 'waiting'

/** What the watchdog of a stuck worker reports. docs/understand/stuck-workers.md explains how to read it. */
export interface StuckReport {
  readonly where: StuckPlace
  /** Milliseconds since the event loop last turned. */
  readonly silent: number
  /** What a booting worker was doing, such as loading its app file; null once it serves. */
  readonly step: string | null
  /** The JavaScript stack, innermost function first, mapped to TypeScript where possible. */
  readonly stack: readonly string[]
  /** The oldest requests in flight, oldest first. */
  readonly requests: readonly string[]
  /** How many more requests are in flight. */
  readonly more: number
  /** Bytes used on the JavaScript heap; null if the main thread cannot be queried. */
  readonly heapUsed: number | null
  /** The limit of the JavaScript heap in bytes; null if the main thread cannot be queried. */
  readonly heapLimit: number | null
  /** Resident memory of the process in bytes. */
  readonly rss: number
}

/** A worker, in its own process. */
export interface Worker {
  readonly nr: number
  /** The name of the task that this process runs; null in any other. */
  readonly task: string | null
  /** The name of the service that this process runs, "web" for the app; null in a process of a task. */
  readonly service: string | null
  /**
   * The number of the thread that runs this hook, from 0; its replacement has the same number. Null except
   * with `worker_class: "threads"`.
   */
  readonly thread: number | null
  /** How many CPUs the computations of this process may use: a whole number of 1 or more. */
  readonly cpus: number
  readonly age: number
  readonly generation: number
  readonly pid: number
  readonly settings: Settings
  /** The HTTP server of this worker, for example to attach `ws`; null before `post_worker_init`. */
  readonly server: Server | null
  /** Set from worker_int, worker_abort or worker_exit on; null before. */
  readonly exit: WorkerEnding | null
}
