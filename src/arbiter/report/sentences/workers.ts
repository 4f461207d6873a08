// The sentences about workers. Pure.

import { whyKilled, type Verdict } from '../../model/death/verdict.ts'
import type { WorkerRecord } from '../../model/worker-record.ts'
import type { CrashLoop } from '../../model/slot.ts'
import type { LogLevel } from '../../../logging/records/record.ts'
import {
  count,
  duration,
  failure,
  info,
  megabytes,
  nameOf,
  warn,
  type Describe,
  type EventOf,
  type EventType,
  type Sentence,
} from './sentence.ts'
import { memoryOf, stuckFields, whereStuck } from './stuck.ts'

export const workerSentences = {
  worker_started: ({ worker, quiet }) => ({
    level: quiet || worker.restart ? 'debug' : 'info',
    msg: `${nameOf(worker)} starts`,
  }),
  worker_ready: ({ worker, took }) => ({
    level: worker.restart ? 'debug' : 'info',
    msg: `${nameOf(worker)} is ready after ${readyAfter(worker, took)}`,
  }),
  workers_ready: (event) =>
    info(event.count === 1 ? 'the worker is ready' : `all ${event.count} workers are ready`),
  worker_retired: ({ worker }) => ({
    level: worker.reason === 'change' ? 'debug' : 'info',
    msg: `${nameOf(worker)} ${whyRetired(worker)}`,
  }),
  worker_too_large: ({ worker, rss }) =>
    warn(
      `${nameOf(worker)} already uses ${megabytes(rss)} at start, above max_memory ` +
        `(${megabytes(worker.limits.memory)}); max_memory is ignored for this worker`,
    ),
  worker_aborted: ({ worker, silent }) => ({
    level: 'error',
    msg: `${nameOf(worker)} is aborted: its event loop was silent for ${duration(silent)} (timeout)`,
  }),
  worker_stuck: ({ worker, report }) => ({
    level: 'error',
    msg: `${nameOf(worker)} ${whereStuck(report)}; ${memoryOf(report)}`,
    ...stuckFields(report),
  }),
  worker_debugged: ({ worker }) =>
    warn(`${nameOf(worker)} may have a debugger attached (--inspect): it is not killed for being silent`),
  worker_killed: ({ worker }) => ({
    level: 'error',
    msg: `${nameOf(worker)} is killed: ${whyKilled(worker)}`,
  }),
  worker_cut: ({ worker, requests }) => ({
    level: 'warn',
    msg: `${nameOf(worker)} cut off ${count(requests.length, 'request')} at graceful_timeout`,
    fields: { requests },
  }),
  worker_failed: ({ worker, error, quiet }) =>
    failure(quiet ? 'debug' : 'error', `${nameOf(worker)} failed to boot: ${error.message}`, error),
  worker_signal: ({ worker, signal }) =>
    info(
      `${nameOf(worker)} got ${signal} and ignores it: workers do not act on signals; send it to the ` +
        `master, pid ${process.pid}`,
    ),
  worker_disconnected: ({ worker }) =>
    warn(
      `${nameOf(worker)} finishes its requests and exits: its app has closed the channel to the master ` +
        '(process.disconnect)',
    ),
  worker_ended: describeEnd,
  slot_recovered: ({ worker, failures }) =>
    warn(
      `${nameOf(worker)} serves: its slot has left the crash loop after ${count(failures, 'failure')} ` +
        'in a row',
    ),
  unknown_message: ({ worker }) => ({
    level: 'debug',
    msg: `${nameOf(worker)} sent an unknown message; it is ignored`,
  }),
  log_garbage: ({ worker, bytes }) =>
    warn(
      `${nameOf(worker)} has written ${count(bytes, 'byte')} to descriptor 4, which carries its log lines; ` +
        'they are skipped',
    ),
} as const satisfies { readonly [Type in EventType]?: Describe<Type> }

function describeEnd({ worker, verdict, lived, retryIn, loop }: EventOf<'worker_ended'>): Sentence {
  const { isOrderly, lastLines } = verdict
  return {
    level: loop?.isNew === false || isOfRestart(verdict) ? 'debug' : levelOfEnd(verdict),
    msg:
      `${nameOf(worker)} ${howEnded(verdict, lived)}${unanswered(worker, verdict)}` +
      consequence(retryIn, loop),
    fields: {
      ...(loop ? { last_error: loop.lastError } : {}),
      ...(isOrderly || lastLines === undefined ? {} : { stderr: lastLines }),
    },
    said: {
      uptime_ms: Math.round(lived),
      exit_code: verdict.code,
      signal: verdict.signal,
      ended_by: verdict.endedBy,
      reason: verdict.reason,
      ...(isUnheard(worker, verdict) ? { busy: worker.load.busy } : {}),
      ...(loop ? { failures: loop.failures } : {}),
    },
  }
}

/** `ended: max_memory, after 3.3 s`, `died: it exited with code 1, after 3.3 s: an uncaught error, …` */
function howEnded({ isPlanned, isOrderly, reason, fact, how }: Verdict, lived: number): string {
  if (fact === null) return how
  if (!isPlanned) return `died: it ${fact}, after ${duration(lived)}${how.slice(fact.length)}`
  const end = `ended: ${reason}, after ${duration(lived)}`
  return isOrderly ? end : `${end}: it ${how}`
}

/** A trial is a wait of its own: it does not make the boot slow. */
function readyAfter({ trial }: WorkerRecord, took: number): string {
  return trial > 0 ? `${duration(took - trial)}, ${duration(trial)} on trial` : duration(took)
}

/** A signal from elsewhere leaves a worker no time to log its requests; the master has their number. */
function isUnheard({ load }: WorkerRecord, { signal, endedBy }: Verdict): boolean {
  return signal !== null && endedBy !== 'tsgun' && load.busy > 0
}

function unanswered(worker: WorkerRecord, verdict: Verdict): string {
  if (!isUnheard(worker, verdict)) return ''
  return `; at its last beat ${count(worker.load.busy, 'request')} in flight, without an access line`
}

/** What follows for the slot; the last error of a crash loop is a field of the record. */
function consequence(retryIn: number, loop: CrashLoop | undefined): string {
  const next = retryIn > 0 ? `; next attempt in ${duration(retryIn)}` : ''
  if (loop === undefined) return next
  return `; its slot is in a crash loop (${loop.failures} failures in a row)${next}`
}

/** A restart has one record, when it is done. */
function isOfRestart({ isOrderly, reason }: Verdict): boolean {
  return isOrderly && reason === 'change'
}

/** A worker that had the order to end has done what it could, if it was not killed. */
function levelOfEnd({ isOrderly, isPlanned, signal }: Verdict): LogLevel {
  if (isOrderly) return 'info'
  return isPlanned && signal === null ? 'warn' : 'error'
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
  if (reason === 'self') return 'is retired: its app has sent a signal to its own process (self)'
  return `is retired (${reason ?? 'retired'})`
}
