// Runs in the arbiter: the one place that turns what happened into records of the error log. Fields are
// snake_case, for machines; the sentence is for the person who reads it at 3 a.m.

import { describeError } from '../../logging/records/describe-error.ts'
import { exitCodes } from '../../ipc/exit-codes.ts'
import type { LogLevel } from '../../logging/records/record.ts'
import type { CrashLoop } from '../pool/backoff.ts'
import type { ProcessEnd } from '../model/commands.ts'
import type { ArbiterEvent } from '../model/events.ts'
import { errorIn } from '../model/last-error.ts'
import {
  disconnectWords,
  endedBy,
  exitReason,
  howEnded,
  isOrderly,
  startFailure,
  whyKilled,
} from '../model/verdict.ts'
import { tellChanges } from '../reload/settings-changes.ts'
import { stuckFields, whatHolds } from '../pool/stuck.ts'
import { wasOrdered, type WorkerRecord } from '../model/worker-record.ts'

export interface Sentence {
  readonly level: LogLevel
  readonly msg: string
  readonly fields?: Readonly<Record<string, unknown>>
}

type Teller<Type extends ArbiterEvent['type']> = (event: Extract<ArbiterEvent, { type: Type }>) => Sentence

const tellers: { readonly [Type in ArbiterEvent['type']]: Teller<Type> } = {
  starting: ({ facts }) => ({
    level: 'info',
    msg:
      `tsgun ${facts.version} starts ${facts.app} with ${count(facts.workers, 'worker')} of class ` +
      `${facts.worker_class} on Node.js ${facts.node}`,
    fields: {
      config: facts.config ?? 'none',
      access_log: facts.logs['access'],
      error_log: facts.logs['error'],
      app_log: facts.logs['app'],
    },
  }),
  listening: ({ urls }) => info(`listening at ${urls.join(', ')}`),
  address_in_use: ({ address, triesLeft }) =>
    warn(`${address} is in use; ${count(triesLeft, 'more try', 'more tries')}`),
  no_native: ({ reason }) =>
    warn(
      'some system calls are missing here, so connections are refused until the first worker listens: ' +
        `${reason}`,
    ),
  warning: ({ message }) => warn(message),
  worker_started: ({ worker, quiet }) => ({
    level: quiet ? 'debug' : 'info',
    msg: `${name(worker)} starts`,
    fields: { age: worker.age },
  }),
  worker_ready: ({ worker, took }) => info(`${name(worker)} is ready after ${milliseconds(took)}`),
  workers_ready: (event) =>
    info(event.count === 1 ? 'the worker is ready' : `all ${event.count} workers are ready`),
  worker_retired: ({ worker }) => info(`${name(worker)} ${whyRetired(worker)}`),
  worker_too_large: ({ worker, rss }) =>
    warn(
      `${name(worker)} has ${megabytes(rss)} when it begins, and max_memory leaves it ` +
        `${megabytes(worker.limits.memory)}: its memory will not get it replaced`,
    ),
  worker_stalled: ({ worker, silent }) => ({
    level: 'fatal',
    msg: `${name(worker)} is aborted: its event loop was silent for ${milliseconds(silent)} (timeout)`,
    fields: { busy: worker.load.busy, connections: worker.load.connections },
  }),
  worker_stuck: ({ worker, report }) => ({
    level: 'error',
    msg: `${name(worker)} ${whatHolds(report)}`,
    fields: { nr: worker.nr, worker_pid: worker.pid, age: worker.age, ...stuckFields(report) },
  }),
  worker_debugged: ({ worker }) =>
    warn(
      `${name(worker)} may have a debugger attached (--inspect): it is not killed, however long it is silent`,
    ),
  worker_killed: ({ worker }) => ({ level: 'error', msg: `${name(worker)} is killed: ${whyKilled(worker)}` }),
  worker_cut: ({ worker, requests }) => ({
    level: 'warn',
    msg:
      `${name(worker)} cut off ${count(requests.length, 'request')} that graceful_timeout did not ` +
      'leave the time for',
    fields: { requests },
  }),
  worker_failed: ({ worker, error, quiet }) => ({
    level: quiet ? 'debug' : 'error',
    msg: `${name(worker)} failed to boot: ${error.message}`,
    ...(error.stack === '' ? {} : { fields: { err: error } }),
  }),
  worker_disconnected: ({ worker }) =>
    warn(
      `${name(worker)} finishes its requests and ends: its app has closed the channel to the master ` +
        '(process.disconnect)',
    ),
  worker_ended: tellEnd,
  slot_recovered: ({ worker, failures }) =>
    warn(
      `${name(worker)} serves: its slot has left the crash loop, after ${count(failures, 'failure')} ` +
        'in a row',
    ),
  unknown_message: ({ worker }) => ({
    level: 'debug',
    msg: `${name(worker)} sent a message that is not tsgun's; it is ignored`,
  }),
  log_garbage: ({ worker, bytes }) =>
    warn(
      `${name(worker)} has written ${count(bytes, 'byte')} to descriptor 4, which carries its log ` +
        'lines; they are skipped',
    ),
  signal: ({ signal }) => info(`got ${signal}`),
  signal_ignored: ({ signal, why }) => info(`got ${signal}, ignored: ${why}`),
  ordered: ({ order }) => info(`got the order ${order.type} over the control socket`),
  scaled: ({ from, to }) => info(`the number of workers goes from ${from} to ${to}`),
  reloading: () => info('reload: loading the config'),
  reload_remembered: () =>
    info('reload: another start or reload is going on; this one begins when that is done'),
  reload_failed: ({ reason }) => ({
    level: 'error',
    msg: `reload failed, the old generation goes on serving: ${reason}`,
  }),
  reload_kept: ({ settings }) =>
    warn(`reload: only a restart changes ${settings.join(', ')}; the old values stay`),
  reload_changes: ({ changes }) => ({
    level: 'info',
    msg: `reload: settings changed: ${tellChanges(changes)}`,
    fields: { settings: changes.map((change) => change.name) },
  }),
  reloaded: ({ generation, took }) =>
    info(`reload done: generation ${generation} serves, after ${milliseconds(took)}`),
  upgrading: ({ pid }) => info(`upgrade: a new master starts beside this one, pid ${pid}`),
  upgraded: ({ pid }) =>
    info(
      `upgrade: the new master ${pid} serves beside this one; TERM to this master (${process.pid}) ` +
        `completes the upgrade, TERM to ${pid} takes it back`,
    ),
  upgrade_failed: ({ reason }) => ({
    level: 'error',
    msg: `upgrade failed, this master goes on serving: ${reason}`,
  }),
  upgrade_ended: ({ pid }) =>
    warn(`upgrade taken back: the new master ${pid} has gone, this one goes on serving`),
  promoted: ({ from }) => info(`upgrade done: the old master ${from} has gone, this one takes its place`),
  files_changed: ({ files }) => ({
    level: 'info',
    msg: `${changedFiles(files)}: the workers restart`,
    fields: { files },
  }),
  restarted: ({ generation, took }) =>
    info(`restarted: generation ${generation} serves, ${milliseconds(took)} after the change`),
  app_broken: ({ error }) => ({
    level: 'error',
    msg:
      'the app does not start, and every request is answered with the reason until a file is saved: ' +
      `${error.message}`,
    ...(error.stack === '' ? {} : { fields: { err: error } }),
  }),
  logs_reopened: () => info('log files reopened'),
  log_failed: ({ name: log, error }) => ({
    level: 'error',
    msg:
      `cannot write the log ${log}: ${error.message}; lines wait in memory, up to log_buffer, and it ` +
      'is tried again every second',
  }),
  log_recovered: ({ name: log }) =>
    warn(`the log ${log} can be written again; what waited in memory follows`),
  log_rotated: ({ name: log }) => ({ level: 'debug', msg: `the log ${log} is rotated` }),
  log_rotation_failed: ({ name: log, error }) =>
    warn(
      `cannot rotate the log ${log}: ${describeError(error).message}; it goes on growing, and it is ` +
        'tried again',
    ),
  log_archive_failed: ({ name: log, error }) =>
    warn(`a rotated file of the log ${log} cannot be compressed or removed: ${describeError(error).message}`),
  log_dropped: ({ dropped }) => ({
    level: 'error',
    msg: `${count(dropped.lines, 'line')} of the ${dropped.log} log had to be dropped`,
    fields: { log: dropped.log, lines: dropped.lines },
  }),
  pidfile_lost: ({ path, found }) => warn(`the pidfile ${path} is not removed: ${found}`),
  hook_failed: ({ hook, file, error }) => ({
    level: 'error',
    msg: `the hook ${hook} failed; the server goes on`,
    fields: { err: error, hook, file },
  }),
  uncaught: ({ error }) => ({
    level: 'error',
    msg:
      'nobody caught an error in the master, of a timer or a promise of a hook, say; the server goes ' +
      `on: ${describeError(error).message}`,
    fields: { err: error },
  }),
  late: ({ by }) => warn(`the master itself was held up for ${milliseconds(by)}; no worker is blamed for it`),
  start_failed: ({ reason, code }) => ({
    level: 'fatal',
    msg: `the start failed: ${reason}; exit code ${code}`,
  }),
  stopping: ({ mode, delay }) =>
    info(
      'stopping ' +
        `(${mode})${
          delay > 0 ? `; requests are served as before for ${milliseconds(delay)} ` + '(drain_delay)' : ''
        }`,
    ),
  stopped: () => info('stopped'),
}

export function narrate(event: ArbiterEvent): Sentence {
  // the table has a row of the same type for each event
  const teller = tellers[event.type] as Teller<typeof event.type>
  return teller(event)
}

function tellEnd({
  worker,
  end,
  lived,
  retryIn,
  loop,
}: Extract<ArbiterEvent, { type: 'worker_ended' }>): Sentence {
  const orderly = isOrderly(worker, end)
  const { nr, pid, age, generation } = worker
  return {
    level: loop?.isNew === false ? 'debug' : levelOfEnd(worker, end),
    msg:
      `${name(worker)} ` +
      `${wasOrdered(worker) || end.error ? '' : 'died: it '}` +
      `${howEnded(worker, end)}${consequence(retryIn, loop)}`,
    fields: {
      nr,
      worker_pid: pid,
      age,
      generation,
      uptime_ms: Math.round(lived),
      exit_code: end.code,
      signal: end.signal,
      ended_by: endedBy(worker, end),
      reason: exitReason(worker, end),
      ...(loop ? { failures: loop.failures, last_error: loop.lastError } : {}),
      ...(orderly || end.lastLines === undefined ? {} : { stderr: end.lastLines }),
    },
  }
}

/** What follows for the slot; the last error of a crash loop is a field of the record. */
function consequence(retryIn: number, loop: CrashLoop | undefined): string {
  const next = retryIn > 0 ? `; the next try is in ${milliseconds(retryIn)}` : ''
  if (loop === undefined) return next
  return `; its slot is in a crash loop, with ${loop.failures} failures in a row${next}`
}

/** A worker that was told to end has done what it could, if it was not killed. */
function levelOfEnd(worker: WorkerRecord, end: ProcessEnd): LogLevel {
  if (isOrderly(worker, end)) return 'info'
  return wasOrdered(worker) && end.signal === null ? 'warn' : 'error'
}

/** Why a worker that nobody told to end did not become ready; for the end of a start or of a reload. */
export function whyNotReady(
  { reason, report }: WorkerRecord,
  { code, signal, error, lastLines }: ProcessEnd,
): string {
  if (reason === 'boot_timeout')
    return (
      'a worker was not ready within ' +
      `boot_timeout${report === null || report.step === null ? '' : `: ${report.step}`}`
    )
  if (error) return `a worker did not become ready: it could not be started: ${startFailure(error)}`
  if (reason === 'disconnected' || code === exitCodes.disconnected.code)
    return `a worker did not become ready: ${disconnectWords}`
  const last = errorIn(lastLines)
  const how = signal === null ? `exited with code ${code ?? 0}` : `was ended by ${signal}`
  return `a worker did not become ready: it ${how}${last === undefined ? '' : ` (${last})`}`
}

function name({ nr, pid }: WorkerRecord): string {
  return `worker ${nr} (${pid === null ? 'no pid' : `pid ${pid}`})`
}

/** With the figure for which it is replaced, if that is the reason. */
function whyRetired({ reason, load }: WorkerRecord): string {
  if (reason === 'max_requests') return `is retired after ${count(load.requests, 'request')} (max_requests)`
  if (reason === 'max_memory') return `is retired at ${megabytes(load.rss)} (max_memory)`
  if (reason === 'heap')
    return (
      `is retired with ${megabytes(load.heapUsed)} of ${megabytes(load.heapLimit)} of its heap in use ` +
      '(heap)'
    )
  return `is retired (${reason ?? 'retired'})`
}

function changedFiles([first = '', ...more]: readonly string[]): string {
  return more.length === 0
    ? `${first} has changed`
    : `${first} and ${count(more.length, 'other file')} have changed`
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`
}

function milliseconds(time: number): string {
  return Math.round(time) < 1000 ? `${Math.round(time)} ms` : `${(time / 1000).toFixed(1)} s`
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

function info(msg: string): Sentence {
  return { level: 'info', msg }
}

function warn(msg: string): Sentence {
  return { level: 'warn', msg }
}
