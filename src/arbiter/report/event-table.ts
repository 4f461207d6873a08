// Runs in the arbiter: the names of the events as records of the error log have them in `event`, each with
// what it is about and what it means. Names stay; new ones may be added. For docs/reference/log-fields.md.

import type { EventType } from './sentences/sentence.ts'

/** What an event is about: `duration_ms` counts from its beginning, of the start from that of the process. */
export const subjects = {
  start: 'The start',
  worker: 'A worker',
  reload: 'A reload',
  restart: 'A restart after a change (`reload`)',
  upgrade: 'An upgrade',
  stop: 'The stop',
  server: 'The server',
} as const

export type Subject = keyof typeof subjects

export interface EventRow {
  readonly of: Subject
  readonly meaning: string
  /** With this event its subject begins. */
  readonly begins?: true
}

export const eventTable = {
  starting: { of: 'start', meaning: 'The server starts' },
  listening: { of: 'start', meaning: 'Its sockets are bound' },
  address_in_use: { of: 'start', meaning: 'An address is in use; it is tried again' },
  system_calls_missing: { of: 'start', meaning: 'koffi is missing or does not load' },
  workers_ready: { of: 'start', meaning: 'All workers of the start are ready' },
  start_failed: { of: 'start', meaning: 'The start has failed; the server exits' },
  upgrade_done: { of: 'start', meaning: 'After an upgrade: the old master has exited' },
  worker_started: { of: 'worker', meaning: 'Its process was started' },
  worker_ready: { of: 'worker', meaning: 'It has booted and accepts connections' },
  worker_failed: { of: 'worker', meaning: 'It could not boot, and says why' },
  worker_retired: { of: 'worker', meaning: 'It has the order to finish its requests and exit' },
  worker_too_large: { of: 'worker', meaning: 'It is above `max_memory` as soon as it serves' },
  worker_aborted: { of: 'worker', meaning: 'Its event loop was silent for `timeout`' },
  worker_stuck: { of: 'worker', meaning: 'The report of its watchdog: where it is stuck' },
  thread_stuck: { of: 'worker', meaning: 'The report of one of its threads: where it is stuck' },
  thread_ended: { of: 'worker', meaning: 'One of its threads has ended' },
  thread_ready: { of: 'worker', meaning: 'The thread that replaces it serves' },
  worker_debugged: { of: 'worker', meaning: 'A debugger may be attached: `timeout` does not apply' },
  worker_killed: { of: 'worker', meaning: 'The master sends SIGKILL: it did not exit in time' },
  worker_cut: { of: 'worker', meaning: 'It has cut off requests at `graceful_timeout`' },
  worker_signal: { of: 'worker', meaning: 'It got a signal from outside, and ignores it' },
  worker_disconnected: { of: 'worker', meaning: 'Its app has closed the channel to the master' },
  worker_ended: { of: 'worker', meaning: 'Its process has ended' },
  slot_recovered: { of: 'worker', meaning: 'It serves, and its slot was in a crash loop' },
  unknown_message: { of: 'worker', meaning: 'It has sent a message that the master does not know' },
  log_garbage: { of: 'worker', meaning: 'It has written to the pipe of its log lines' },
  reloading: { of: 'reload', begins: true, meaning: 'The config is loaded' },
  reload_queued: { of: 'reload', meaning: 'It begins when the start or the reload in progress is done' },
  service_unchanged: { of: 'reload', meaning: 'Nothing has changed for a service: its processes stay' },
  reload_kept: { of: 'reload', meaning: 'Settings have changed that only a restart changes' },
  reload_changes: { of: 'reload', meaning: 'Settings have changed' },
  reloaded: { of: 'reload', meaning: 'It is done: all workers run the new generation' },
  reload_failed: { of: 'reload', meaning: 'It has failed: the old generation keeps serving' },
  files_changed: { of: 'restart', begins: true, meaning: 'Files of the app or the config have changed' },
  restarted: { of: 'restart', meaning: 'All workers run the new code' },
  app_broken: { of: 'restart', meaning: 'The new code does not start; requests get the error page' },
  upgrading: { of: 'upgrade', begins: true, meaning: 'A new master was started beside this one' },
  upgraded: { of: 'upgrade', meaning: 'The new master serves' },
  upgrade_failed: { of: 'upgrade', meaning: 'The new master does not serve; this one keeps serving' },
  upgrade_reverted: { of: 'upgrade', meaning: 'The new master served and has exited' },
  stopping: { of: 'stop', begins: true, meaning: 'The server begins to stop' },
  stopped: { of: 'stop', meaning: 'All workers have exited; the last record' },
  signal: { of: 'server', meaning: 'The master got a signal' },
  signal_ignored: { of: 'server', meaning: 'The master got a signal that does nothing now' },
  ordered: { of: 'server', meaning: 'The master got an order over the control socket' },
  schedule_missed: { of: 'server', meaning: 'No run of a schedule could start at some of its times' },
  schedule_skipped: { of: 'server', meaning: 'A run is left out, because the one before still runs' },
  service_lost: { of: 'server', meaning: 'A critical service cannot be kept alive; the server stops' },
  scaled: { of: 'server', meaning: 'The number of workers changes' },
  warning: { of: 'server', meaning: 'A warning without a name of its own' },
  hook_failed: { of: 'server', meaning: 'A hook of the master has failed' },
  uncaught_error: { of: 'server', meaning: 'An uncaught error in the master' },
  master_blocked: { of: 'server', meaning: 'The master itself was blocked' },
  preloading: { of: 'server', meaning: '`preload()` of a generation runs' },
  preloaded: { of: 'server', meaning: 'It has returned; its value is shared by all processes' },
  preload_failed: { of: 'server', meaning: 'It has failed, and so the start or the reload' },
  certificates_renewed: { of: 'server', meaning: 'The files of certificates have changed: they are served' },
  certificates_refused: {
    of: 'server',
    meaning: 'The changed files cannot be used: the certificates before them are served',
  },
  acme_placeholder: {
    of: 'server',
    meaning: '`acme`: there is no certificate yet, and a self-signed one is served',
  },
  acme_ordering: { of: 'server', meaning: '`acme`: a certificate is ordered' },
  acme_obtained: { of: 'server', meaning: '`acme`: a certificate was issued; the workers get it' },
  acme_paused: { of: 'server', meaning: '`acme`: an earlier order has failed a short while ago' },
  acme_failed: { of: 'server', meaning: '`acme`: no certificate was issued; it is tried again' },
  bus_ended: { of: 'server', meaning: 'The broker of the bus has ended, and is replaced' },
  bus_dropped: { of: 'server', meaning: 'The broker has dropped messages for a process that is too slow' },
  pidfile_lost: { of: 'server', meaning: 'The pidfile is not the one that the master wrote' },
  logs_reopened: { of: 'server', meaning: 'The log files were reopened' },
  log_failed: { of: 'server', meaning: 'A log cannot be written; its lines wait in memory' },
  log_recovered: { of: 'server', meaning: 'A log can be written again' },
  log_rotated: { of: 'server', meaning: 'A log was rotated (level `debug`)' },
  log_rotation_failed: { of: 'server', meaning: 'A log cannot be rotated; it keeps growing' },
  log_archive_failed: { of: 'server', meaning: 'A rotated file cannot be compressed or removed' },
  log_dropped: { of: 'server', meaning: 'Lines were dropped' },
} as const satisfies { readonly [Type in EventType]: EventRow }
