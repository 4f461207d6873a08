// What the arbiter reports. Deciding code emits these events and neither writes a log nor formats a sentence;
// report/ turns them into records of the error log, and the control socket and systemd listen too.

import type { HookName } from '../../config/hooks/table.ts'
import type { StuckReport } from '../../config/hooks/views.ts'
import type { ErrorReport } from '../../ipc/messages.ts'
import type { Dropped } from '../../logging/log-names.ts'
import type { Order } from './orders.ts'
import type { ArbiterSignal } from './signals.ts'
import type { CrashLoop } from './slot.ts'
import type { Verdict } from './death/verdict.ts'
import type { WorkerRecord } from './worker-record.ts'

/** A change of one setting, or of one variable of `env`; without values when they must not be logged. */
export interface SettingChange {
  readonly name: string
  /** Undefined is a value that is not set. */
  readonly values?: { readonly from: string | undefined; readonly to: string | undefined }
}

export interface StartFacts {
  readonly version: string
  readonly node: string
  readonly workers: number
  readonly worker_class: string
  /** Processes of all tasks. */
  readonly task_processes: number
  /** Names. */
  readonly services: readonly string[]
  /** How many CPUs the server may use. */
  readonly cpus: number
  readonly app: string
  readonly config: string | null
  readonly logs: Readonly<Record<string, string>>
}

export interface OfThread {
  readonly worker: WorkerRecord
  readonly thread: number
}

export type ArbiterEvent =
  | { readonly type: 'starting'; readonly facts: StartFacts }
  | { readonly type: 'listening'; readonly urls: readonly string[] }
  | { readonly type: 'address_in_use'; readonly address: string; readonly triesLeft: number }
  | { readonly type: 'system_calls_missing'; readonly reason: string }
  | { readonly type: 'warning'; readonly message: string }
  /** `quiet`: of a slot in a crash loop, whose single attempts are only logged at `debug`. */
  | { readonly type: 'worker_started'; readonly worker: WorkerRecord; readonly quiet?: boolean }
  | { readonly type: 'worker_ready'; readonly worker: WorkerRecord; readonly took: number }
  | { readonly type: 'workers_ready'; readonly count: number }
  | { readonly type: 'worker_retired'; readonly worker: WorkerRecord }
  /** It uses more than max_memory as soon as it serves. */
  | { readonly type: 'worker_too_large'; readonly worker: WorkerRecord; readonly rss: number }
  | { readonly type: 'worker_aborted'; readonly worker: WorkerRecord; readonly silent: number }
  | { readonly type: 'worker_stuck'; readonly worker: WorkerRecord; readonly report: StuckReport }
  /** Of a thread that serves, with `worker_class: "threads"`. */
  | ({ readonly type: 'thread_stuck'; readonly report: StuckReport } & OfThread)
  | ({ readonly type: 'thread_ended'; readonly how: string } & OfThread)
  | ({ readonly type: 'thread_ready' } & OfThread)
  | { readonly type: 'worker_debugged'; readonly worker: WorkerRecord }
  | { readonly type: 'worker_killed'; readonly worker: WorkerRecord }
  | { readonly type: 'worker_cut'; readonly worker: WorkerRecord; readonly requests: readonly string[] }
  | {
      readonly type: 'worker_failed'
      readonly worker: WorkerRecord
      readonly error: ErrorReport
      readonly quiet?: boolean
    }
  /** It got a signal that did not reach the arbiter, and ignores it. */
  | { readonly type: 'worker_signal'; readonly worker: WorkerRecord; readonly signal: string }
  /** Its app has closed the channel. */
  | { readonly type: 'worker_disconnected'; readonly worker: WorkerRecord }
  /**
   * `lived`: milliseconds since its slot was claimed. `loop` is absent while its slot is in no crash loop.
   */
  | {
      readonly type: 'worker_ended'
      readonly worker: WorkerRecord
      readonly verdict: Verdict
      readonly lived: number
      readonly retryIn: number
      readonly loop?: CrashLoop
    }
  /** A worker of a slot in a crash loop has lived long enough. */
  | { readonly type: 'slot_recovered'; readonly worker: WorkerRecord; readonly failures: number }
  | { readonly type: 'unknown_message'; readonly worker: WorkerRecord }
  /** Bytes on a worker's log pipe that are not log lines of tsgun. */
  | { readonly type: 'log_garbage'; readonly worker: WorkerRecord; readonly bytes: number }
  | { readonly type: 'signal'; readonly signal: ArbiterSignal }
  | { readonly type: 'signal_ignored'; readonly signal: ArbiterSignal; readonly why: string }
  /** Over the control socket. */
  | { readonly type: 'ordered'; readonly order: Order }
  | {
      readonly type: 'schedule_missed'
      readonly schedule: string
      readonly count: number
      /** The first and the last time, in milliseconds of the epoch. */
      readonly from: number
      readonly to: number
      /** One run follows. */
      readonly isMadeGood: boolean
    }
  | { readonly type: 'schedule_skipped'; readonly schedule: string; readonly time: number }
  | {
      readonly type: 'service_lost'
      readonly service: string
      readonly failures: number
      /** Whether they were in a row; else they were within a minute. */
      readonly inRow: boolean
      readonly reason: string
      readonly code: number
    }
  | { readonly type: 'scaled'; readonly service: string; readonly from: number; readonly to: number }
  /** `attempt`: each load of the config has its own number, also one that fails. */
  | { readonly type: 'reloading'; readonly attempt: number }
  | { readonly type: 'reload_queued'; readonly attempt: number }
  | { readonly type: 'reload_failed'; readonly attempt: number; readonly reason: string }
  | { readonly type: 'reload_kept'; readonly settings: readonly string[] }
  | { readonly type: 'service_unchanged'; readonly service: string }
  /** Settings whose values change with this reload. */
  | { readonly type: 'reload_changes'; readonly changes: readonly SettingChange[] }
  | {
      readonly type: 'reloaded'
      readonly attempt: number
      readonly generation: number
      readonly took: number
    }
  /** USR2: a new arbiter was started beside this one; it serves; it does not; it served and has exited. */
  | { readonly type: 'upgrading'; readonly pid: number }
  | { readonly type: 'upgraded'; readonly pid: number }
  | { readonly type: 'upgrade_failed'; readonly reason: string }
  | { readonly type: 'upgrade_reverted'; readonly pid: number }
  /** This arbiter was the new one, and the old one has exited. */
  | { readonly type: 'upgrade_done'; readonly from: number }
  /** The files of certificates have changed: these are served from now on. `expires`: see Date.now(). */
  | {
      readonly type: 'certificates_renewed'
      readonly certificates: readonly { readonly certfile: string; readonly expires: number }[]
    }
  /** The same, but they cannot be used: those before are served. */
  | { readonly type: 'certificates_refused'; readonly reason: string }
  /** With `acme`: there is no certificate yet, and one that the server has signed itself is served. */
  | { readonly type: 'acme_placeholder'; readonly domains: readonly string[] }
  | { readonly type: 'acme_ordering'; readonly domains: readonly string[]; readonly directory: string }
  | {
      readonly type: 'acme_obtained'
      readonly domains: readonly string[]
      readonly directory: string
      readonly expires: number
      /** When it will be renewed. Both: see Date.now(). */
      readonly renewal: number
    }
  /** The last try, perhaps of another master, has failed too short a time ago. `retryIn`: milliseconds. */
  | { readonly type: 'acme_paused'; readonly domains: readonly string[]; readonly retryIn: number }
  /** `retryIn`: milliseconds. `expires`: of the certificate that is served; null for a placeholder. */
  | {
      readonly type: 'acme_failed'
      readonly domains: readonly string[]
      readonly reason: string
      readonly retryIn: number
      readonly expires: number | null
    }
  | { readonly type: 'preloading'; readonly module: string }
  /** `size`: bytes that are shared. `copies`: why each process has a copy instead. */
  | {
      readonly type: 'preloaded'
      readonly module: string
      readonly took: number
      readonly size: number
      readonly copies: string | undefined
    }
  | { readonly type: 'preload_failed'; readonly error: ErrorReport }
  /** With `reload`. */
  | { readonly type: 'files_changed'; readonly files: readonly string[] }
  | {
      readonly type: 'restarted'
      readonly generation: number
      readonly took: number
      readonly files: readonly string[]
    }
  | { readonly type: 'app_broken'; readonly error: ErrorReport }
  /** The broker of the bus has ended. `retryIn`: milliseconds until the next one starts. */
  | {
      readonly type: 'bus_ended'
      readonly pid: number | null
      readonly how: string
      readonly retryIn: number
    }
  /** Messages for a process were dropped, because it did not read them in time. */
  | { readonly type: 'bus_dropped'; readonly pid: number; readonly name: string; readonly messages: number }
  | { readonly type: 'logs_reopened' }
  | { readonly type: 'log_failed'; readonly name: string; readonly error: Error }
  | { readonly type: 'log_recovered'; readonly name: string }
  | { readonly type: 'log_rotated'; readonly name: string }
  /** The file keeps growing. */
  | { readonly type: 'log_rotation_failed'; readonly name: string; readonly error: unknown }
  /** A rotated file of this log could not be compressed or removed. */
  | { readonly type: 'log_archive_failed'; readonly name: string; readonly error: unknown }
  | { readonly type: 'log_dropped'; readonly dropped: Dropped }
  | { readonly type: 'pidfile_lost'; readonly path: string; readonly found: string }
  | { readonly type: 'hook_failed'; readonly hook: HookName; readonly file: string; readonly error: unknown }
  | { readonly type: 'uncaught_error'; readonly error: unknown }
  | { readonly type: 'master_blocked'; readonly by: number }
  | { readonly type: 'start_failed'; readonly reason: string; readonly code: number }
  | { readonly type: 'stopping'; readonly mode: 'graceful' | 'quick'; readonly delay: number }
  | { readonly type: 'stopped' }

export type Emit = (event: ArbiterEvent) => void
