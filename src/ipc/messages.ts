// Every message between the arbiter and a worker. What arrives is checked: a message of no known form is told
// and dropped, because the app shares the worker's channel (process.send) and may send what it likes.

import { channels, type Channel } from '../logging/channels.ts'
import type { Durations } from '../config/settings/durations.ts'
import type { Settings } from '../config/settings/table.ts'
import type { Identity } from '../os/process/identity.ts'
import type { StuckReport } from '../config/hooks/views.ts'
import { isStuckReport } from './stuck-report.ts'

/** Tells the worker all that it needs to know; the first message it gets. */
export interface BootMessage {
  readonly type: 'boot'
  readonly nr: number
  readonly age: number
  readonly generation: number
  readonly version: string
  readonly settings: Settings
  readonly durations: Durations
  /** The config file, for its hooks; null when the config has no code. */
  readonly configFile: string | null
  readonly hookFiles: readonly string[]
  /** The file of the app; null when the master did not find it. */
  readonly appFile: string | null
  /** The directory with the generation's compiled code. */
  readonly codeStore: string
  readonly identity: Identity
  readonly listeners: readonly { readonly fd: number; readonly url: string }[]
  /** Whether the error log and the app log are shown in colour. */
  readonly color: { readonly error: boolean; readonly app: boolean }
  /** Milliseconds that are left of boot_timeout; null without a limit. */
  readonly bootWithin: number | null
  /** Milliseconds that it waits, when all is done, before it listens. */
  readonly trial: number
  /** True for --check-config: load everything, serve nothing. */
  readonly checkOnly: boolean
  /** With `reload`: the code cannot be run, so load nothing and answer every request with this. */
  readonly broken?: ErrorReport | undefined
}

export type ArbiterMessage =
  | BootMessage
  /**
   * Stop accepting, finish what is open within so many milliseconds, exit. `last`: no other worker accepts
   * after this one; or none on these sockets, by their places in the boot message. `hurry`: idle connections
   * are closed at once.
   */
  | {
      readonly type: 'retire'
      readonly within: number
      readonly last: boolean | readonly number[]
      readonly reason: string
      readonly hurry?: boolean
    }
  /** The server is about to stop: the path of `health_check` is to fail, all else goes on. */
  | { readonly type: 'unready' }
  /** Run worker_int and exit at once. */
  | { readonly type: 'quit'; readonly reason: string }
  /** Run worker_abort and exit: the event loop was silent for too long. */
  | { readonly type: 'abort' }

/** An error as it crosses the channel. */
export interface ErrorReport {
  readonly message: string
  readonly stack: string
}

/**
 * What a worker could not do. `app`: the module loads, but holds no app (exit code 4); anything else is
 * `boot` (exit code 3).
 */
export type BootFailure = 'app' | 'boot'

/** Memory is in bytes. */
const beatFigures = ['requests', 'busy', 'connections', 'overdue', 'rss', 'heapUsed', 'heapLimit'] as const

/** A file that a worker has loaded, or has asked for in vain: then `mtime` is null. */
export interface SeenFile {
  readonly path: string
  /** As it was when it was loaded (stat(2), milliseconds). */
  readonly mtime: number | null
}

export type WorkerMessage =
  | { readonly type: 'hello' }
  | { readonly type: 'ready' }
  | ({ readonly type: 'beat' } & { readonly [Figure in (typeof beatFigures)[number]]: number })
  | { readonly type: 'boot_failed'; readonly failure: BootFailure; readonly error: ErrorReport }
  /** With `reload`: it could not boot, and answers every request with the reason. */
  | { readonly type: 'broken'; readonly error: ErrorReport }
  /** With `reload`: what it has loaded since it told last. */
  | { readonly type: 'loaded_files'; readonly files: readonly SeenFile[] }
  | { readonly type: 'cut'; readonly requests: readonly string[] }
  /** It accepts no more connections. */
  | { readonly type: 'shut' }
  /** It had to drop lines of a log, because the arbiter did not take them in time. */
  | { readonly type: 'dropped'; readonly log: Channel; readonly lines: number }
  /**
   * A debugger may be attached to it from now on (`--inspect`): that it is silent says nothing. Or no longer.
   */
  | { readonly type: 'debugged'; readonly on: boolean }
  /** From its watchdog: the main thread is stuck, and how. */
  | { readonly type: 'stuck'; readonly report: StuckReport }
  /** From its watchdog, at last: what can be done in a worker that is stuck is done. */
  | { readonly type: 'spent' }

const workerMessages: {
  readonly [Type in WorkerMessage['type']]: (message: Readonly<Record<string, unknown>>) => boolean
} = {
  hello: () => true,
  ready: () => true,
  beat: (message) => beatFigures.every((figure) => Number.isFinite(message[figure])),
  boot_failed: ({ failure, error }) => (failure === 'app' || failure === 'boot') && isErrorReport(error),
  broken: ({ error }) => isErrorReport(error),
  loaded_files: ({ files }) => Array.isArray(files) && files.every(isSeenFile),
  shut: () => true,
  debugged: ({ on }) => typeof on === 'boolean',
  stuck: ({ report }) => isStuckReport(report),
  spent: () => true,
  dropped: ({ log, lines }) => channels.some((channel) => channel === log) && typeof lines === 'number',
  cut: ({ requests }) => Array.isArray(requests) && requests.every((request) => typeof request === 'string'),
}

/**
 * Our own messages are wrapped, so that an app's `process.send` on the same channel is never taken for one.
 */
export interface Envelope<Message> {
  readonly tsgun: Message
}

export function seal<Message extends ArbiterMessage | WorkerMessage>(message: Message): Envelope<Message> {
  return { tsgun: message }
}

/** The worker's message in what arrived at the arbiter, or undefined when it is none. */
export function openWorkerMessage(value: unknown): WorkerMessage | undefined {
  const message = contents(value)
  if (message === undefined || typeof message['type'] !== 'string') return undefined
  if (!Object.hasOwn(workerMessages, message['type'])) return undefined
  const known = message['type'] as WorkerMessage['type'] // a key of the table, as was just asked
  // its fields were checked by its row
  return workerMessages[known](message) ? (message as unknown as WorkerMessage) : undefined
}

/**
 * The arbiter's message in what arrived at the worker. The arbiter is of the same version: its type is
 * enough.
 */
export function openArbiterMessage(value: unknown): ArbiterMessage | undefined {
  const message = contents(value)
  const known = ['boot', 'unready', 'retire', 'quit', 'abort'].some((type) => message?.['type'] === type)
  return known ? (message as unknown as ArbiterMessage) : undefined
}

function contents(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isObject(value) || !('tsgun' in value)) return undefined
  return isObject(value['tsgun']) ? value['tsgun'] : undefined
}

function isErrorReport(value: unknown): boolean {
  return isObject(value) && typeof value['message'] === 'string' && typeof value['stack'] === 'string'
}

function isSeenFile(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value['path'] === 'string' &&
    (value['mtime'] === null || typeof value['mtime'] === 'number')
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
