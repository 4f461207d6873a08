// Every message between the arbiter and a worker. Received messages are checked: one of an unknown form is
// logged and dropped, because the app shares the worker's channel (process.send) and can send any message.

import { logNames, type LogName } from '../logging/log-names.ts'
import type { StuckReport } from '../config/hooks/views.ts'
import type { Preload } from '../config/app/preloads.ts'
import type { Durations } from '../config/settings/durations.ts'
import type { Settings } from '../config/settings/table.ts'
import type { Identity } from '../os/process/identity.ts'
import { isPreloadResult } from '../sharing/preload-result.ts'
import type { PreloadResult, PreloadTask, SharedManifest } from '../sharing/manifest.ts'
import { endingSignals, type EndingSignal } from '../os/program/exit-calls.ts'
import { isObject } from '../os/type-checks.ts'
import type { Variables } from '../os/variables.ts'
import type { CallableTask, ServiceBoot, TaskBoot, ThreadBoot } from './boot-parts.ts'
import { isChange, isErrorReport, isSeenFile, isStuckReport } from './message-parts.ts'
import { isTaskReport, type TaskReport } from './task-report.ts'
import type { BootTls } from '../tls/material.ts'
import type { BusBoot } from './bus-messages.ts'

/** The first message to a worker, with all that it needs. */
export interface BootMessage {
  readonly type: 'boot'
  readonly nr: number
  readonly age: number
  readonly generation: number
  readonly version: string
  /** How many workers the server starts with. */
  readonly workers: number
  readonly settings: Settings
  readonly durations: Durations
  /** The config file, for its hooks; null when the config contains no code. */
  readonly configFile: string | null
  readonly hookFiles: readonly string[]
  /** Loaded before anything else of the user. */
  readonly preloads: readonly Preload[]
  /** The file of a worker class of the user; null for one that tsgun has. */
  readonly classFile: string | null
  /** The file of the app; null when the arbiter did not find it. */
  readonly appFile: string | null
  /** The same file as the setting `app` names it, absolute. */
  readonly appPath: string | null
  /** The directory with the compiled code of the generation. */
  readonly codeStore: string
  readonly identity: Identity
  readonly listeners: readonly { readonly fd: number; readonly url: string; readonly isShared: boolean }[]
  /** How many threads of it serve the app; 0: its main thread does. */
  readonly threads: number
  /** For a thread: which one it is. The arbiter does not set it. */
  readonly thread?: ThreadBoot | undefined
  /** Its rows in the counters that the workers share (descriptor 6), one per event loop; or none. */
  readonly rows: readonly number[]
  /** Whether the error log and the app log are coloured. */
  readonly color: { readonly error: boolean; readonly app: boolean }
  /** Milliseconds that remain of boot_timeout; null without a limit. */
  readonly bootWithin: number | null
  /** Milliseconds of the trial: the worker waits this long after its boot before it listens. */
  readonly trial: number
  /** True for --check-config: load hooks and app, but do not listen. */
  readonly checkOnly: boolean
  /** With `reload`: the code cannot be loaded; the worker responds to every request with this error. */
  readonly broken?: ErrorReport | undefined
  /** The tasks that this process may call. */
  readonly tasks: readonly CallableTask[]
  /** Absent in a worker that serves the app. */
  readonly task?: TaskBoot | undefined
  /** Absent in a process of a task, and in a server without further services. */
  readonly service?: ServiceBoot | undefined
  /** How many CPUs its computations may use. */
  readonly cpus: number
  /** Absent without a certificate. */
  readonly tls?: BootTls | undefined
  /** What preload() has returned; absent without one. */
  readonly shared?: SharedManifest | undefined
  /** Absent for --check-config, which sends nothing. */
  readonly bus?: BusBoot | undefined
  /** This process is no worker: it runs preload(), and ends. */
  readonly preload?: PreloadTask | undefined
}

export type ArbiterMessage =
  | BootMessage
  /**
   * Stop accepting, finish the open requests in `within` milliseconds, exit. `last`: no other worker accepts
   * after this one; a list: none on these sockets, by their index in the boot message. `hurry`: idle
   * connections are closed at once.
   */
  | {
      readonly type: 'retire'
      readonly within: number
      readonly last: boolean | readonly number[]
      readonly reason: string
      readonly hurry?: boolean
    }
  /** The server is about to stop: the path of `health_check` fails from now on, other requests are served. */
  | { readonly type: 'unready' }
  /** Run worker_int and exit at once. */
  | { readonly type: 'quit'; readonly reason: string }
  /** Run worker_abort and exit: the event loop was blocked for too long. */
  | { readonly type: 'abort' }
  /** Other certificates, or other keys of session tickets: a WorkerTls, sealed because the app sees it. */
  | { readonly type: 'certificates'; readonly sealed: string }
  /** What an authority of ACME asks for: a list of AcmeChallenge, sealed. Answered with `challenged`. */
  | { readonly type: 'challenges'; readonly nr: number; readonly sealed: string }
  /** These clients have `max_connections_per_ip` connections with all workers together, or no longer. */
  | { readonly type: 'crowded'; readonly addresses: readonly string[]; readonly on: boolean }
  /** To a process that was started early, before `boot`: what it would inherit if it was started now. */
  | {
      readonly type: 'inherit'
      readonly environment: Variables
      readonly directory: string
    }
  /** The same: a socket comes with it, the next one of the list in `boot`. */
  | { readonly type: 'socket' }

/** An error as it is sent over the channel. */
export interface ErrorReport {
  readonly message: string
  readonly stack: string
}

/**
 * Why a worker failed to boot. `app`: the loaded module is not an app (exit code 4); `boot`: any other reason
 * (exit code 3).
 */
export type BootFailure = 'app' | 'boot'

/** Memory is in bytes. */
const beatFigures = ['requests', 'busy', 'connections', 'overdue', 'rss', 'heapUsed', 'heapLimit'] as const

/** A file that a worker has loaded, or did not find: then `mtime` is null. */
export interface SeenFile {
  readonly path: string
  /** Its modification time when it was loaded (stat(2), milliseconds). */
  readonly mtime: number | null
}

export type WorkerMessage =
  | { readonly type: 'hello' }
  | { readonly type: 'ready' }
  | ({ readonly type: 'beat' } & { readonly [Figure in (typeof beatFigures)[number]]: number })
  | { readonly type: 'boot_failed'; readonly failure: BootFailure; readonly error: ErrorReport }
  /** With `reload`: it failed to boot, and responds to every request with the reason. */
  | { readonly type: 'broken'; readonly error: ErrorReport }
  /** With `reload`: what it has loaded since the last such message. */
  | { readonly type: 'loaded_files'; readonly files: readonly SeenFile[] }
  /** Requests that were cut off, because they were still in progress when it had to exit. */
  | { readonly type: 'cut'; readonly requests: readonly string[] }
  /** Its app has sent this signal to its own process: it wants to be replaced. */
  | { readonly type: 'leave'; readonly signal: EndingSignal }
  /** It got this signal from outside, and ignores it. */
  | { readonly type: 'signal'; readonly signal: string }
  /** Its process exits before its drain is over, with this number of requests in flight. */
  | { readonly type: 'left'; readonly busy: number }
  /** It answers the challenges of this number. */
  | { readonly type: 'challenged'; readonly nr: number }
  /** With its beat: what has become of the tasks that it calls or runs. */
  | { readonly type: 'tasks'; readonly report: TaskReport }
  /** It uses the bus for the first time: there has to be a broker. */
  | { readonly type: 'bus' }
  /** It no longer accepts connections. */
  | { readonly type: 'shut' }
  /** Of a service with `run`: its start() has run for a while without a failure. */
  | { readonly type: 'running' }
  /** Of a run of a schedule: it has done its work, and exits. */
  | { readonly type: 'done' }
  /**
   * Of a service with `lock`: its process must have ended at this moment of `machineNow`, unless the next
   * message says another one; null: it need not.
   */
  | { readonly type: 'lease'; readonly until: number | null }
  /** By how much the connections of each client have become more or fewer: with `max_connections_per_ip`. */
  | { readonly type: 'clients'; readonly changes: readonly (readonly [address: string, change: number])[] }
  /** It dropped lines of a log, because the arbiter did not read them in time. */
  | { readonly type: 'dropped'; readonly log: LogName; readonly lines: number }
  /**
   * `on`: a debugger may be attached from now on (`--inspect`), so that missing beats do not mean that it is
   * stuck.
   */
  | { readonly type: 'debugged'; readonly on: boolean }
  /** From its watchdog: the main thread is stuck. */
  | { readonly type: 'stuck'; readonly report: StuckReport }
  /** From its watchdog: it has done all that it can do for a stuck worker. */
  | { readonly type: 'spent' }
  /** Of the process that runs preload(): it is done. Null when the module exports no preload(). */
  | { readonly type: 'preloaded'; readonly result: PreloadResult | null }
  /** A thread that serves is stuck. In JavaScript it is replaced alone. */
  | { readonly type: 'thread_stuck'; readonly thread: number; readonly report: StuckReport }
  /** A thread that served has ended, and why. */
  | { readonly type: 'thread_ended'; readonly thread: number; readonly how: string }
  /** The thread that replaces it serves. */
  | { readonly type: 'thread_ready'; readonly thread: number }
  /** A thread cannot be replaced alone: the worker wants to be replaced. */
  | { readonly type: 'threads_failed' }
  /** Through the report pipe: its app has closed the channel, and it drains by itself. */
  | { readonly type: 'disconnected' }
  /** Through the report pipe: an uncaught error ends it, which is in the error log. */
  | { readonly type: 'fault'; readonly error: ErrorReport }

const workerMessages: {
  readonly [Type in WorkerMessage['type']]: (message: Readonly<Record<string, unknown>>) => boolean
} = {
  hello: () => true,
  ready: () => true,
  beat: (message) => beatFigures.every((figure) => Number.isFinite(message[figure])),
  boot_failed: ({ failure, error }) => (failure === 'app' || failure === 'boot') && isErrorReport(error),
  broken: ({ error }) => isErrorReport(error),
  loaded_files: ({ files }) => Array.isArray(files) && files.every(isSeenFile),
  leave: ({ signal }) => endingSignals.some((name) => name === signal),
  signal: ({ signal }) => typeof signal === 'string' && /^SIG[A-Z0-9]{1,10}$/.test(signal),
  left: ({ busy }) => Number.isFinite(busy),
  challenged: ({ nr }) => Number.isInteger(nr),
  tasks: ({ report }) => isTaskReport(report),
  bus: () => true,
  shut: () => true,
  running: () => true,
  done: () => true,
  lease: ({ until }) => until === null || Number.isFinite(until),
  clients: ({ changes }) => Array.isArray(changes) && changes.every(isChange),
  debugged: ({ on }) => typeof on === 'boolean',
  stuck: ({ report }) => isStuckReport(report),
  spent: () => true,
  preloaded: ({ result }) => result === null || isPreloadResult(result),
  thread_stuck: ({ thread, report }) => Number.isInteger(thread) && isStuckReport(report),
  thread_ended: ({ thread, how }) => Number.isInteger(thread) && typeof how === 'string',
  thread_ready: ({ thread }) => Number.isInteger(thread),
  threads_failed: () => true,
  disconnected: () => true,
  fault: ({ error }) => isErrorReport(error),
  dropped: ({ log, lines }) => logNames.some((name) => name === log) && typeof lines === 'number',
  cut: ({ requests }) => Array.isArray(requests) && requests.every((request) => typeof request === 'string'),
}

/**
 * tsgun's own messages are wrapped, to distinguish them from those that an app sends with `process.send`.
 */
export interface Envelope<Message> {
  readonly tsgun: Message
}

export function seal<Message extends ArbiterMessage | WorkerMessage>(message: Message): Envelope<Message> {
  return { tsgun: message }
}

/** Returns the worker's message in a value that the arbiter received; undefined if it is not a valid one. */
export function openWorkerMessage(value: unknown): WorkerMessage | undefined {
  const message = contents(value)
  if (message === undefined || typeof message['type'] !== 'string') return undefined
  if (!Object.hasOwn(workerMessages, message['type'])) return undefined
  const known = message['type'] as WorkerMessage['type'] // a key of the table, checked above
  // its fields were checked by its row
  return workerMessages[known](message) ? (message as unknown as WorkerMessage) : undefined
}

const arbiterMessages: readonly ArbiterMessage['type'][] = [
  'boot',
  'unready',
  'retire',
  'quit',
  'abort',
  'certificates',
  'challenges',
  'crowded',
  'inherit',
  'socket',
]

/**
 * Returns the arbiter's message in a value that the worker received. Only its type is checked: the arbiter
 * has the same version.
 */
export function openArbiterMessage(value: unknown): ArbiterMessage | undefined {
  const message = contents(value)
  const known = arbiterMessages.some((type) => message?.['type'] === type)
  return known ? (message as unknown as ArbiterMessage) : undefined
}

function contents(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isObject(value) || !('tsgun' in value)) return undefined
  return isObject(value['tsgun']) ? value['tsgun'] : undefined
}
