// What hooks receive: read-only views of the server and its workers. Types only, for the config file of the
// user; they are loaded by no process.

import type { Server } from 'node:http'
import type { Channel } from '../../logging/channels.ts'
import type { Settings } from '../settings/table.ts'

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
  /** `spawned`, `booting`, `ready`, `draining`, `aborting` or `killed`. */
  readonly state: string
  /** Why it is about to end: `reload`, `scale`, `max_requests` and so on; null while it is not. */
  readonly reason: string | null
  /** Since it was started. */
  readonly age_seconds: number
  /** Since it was ready; null before. */
  readonly uptime_seconds: number | null
  /** Since its last beat: its event loop has not turned for this long. */
  readonly beat_seconds: number
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
  /** What its watchdog reported, if the worker was stuck. */
  readonly report?: StuckReport
}

/** Why a worker is about to end. */
export interface WorkerEnding {
  /** As in child_exit; `orphaned`: the master is gone. */
  readonly reason: string
  /** The code it is going to exit with. */
  readonly code: number
}

/**
 * `javascript`: code whose stack is known. `native`: code of Node.js, an addon or the system, without a
 * stack. `waiting`: nothing blocks, the event loop turns, but the worker does not finish its boot.
 */
export type StuckPlace = 'javascript' | 'native' | 'waiting'

/** What the watchdog of a stuck worker reports. docs/stuck-workers.md explains how to read it. */
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
