// The sentences about workers. Pure.

import { whyKilled } from '../../model/death/verdict.ts'
import type { WorkerRecord } from '../../model/worker-record.ts'
import {
  count,
  duration,
  failure,
  info,
  megabytes,
  nameOf,
  warn,
  type Describe,
  type EventType,
  type Sentence,
} from './sentence.ts'
import { describeEnd } from './end.ts'
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
    msg: `${nameOf(worker)} is aborted: ${whyAborted(worker, silent)}`,
  }),
  worker_stuck: ({ worker, report }) => ({
    level: 'error',
    msg: `${nameOf(worker)} ${whereStuck(report)}; ${memoryOf(report)}`,
    ...stuckFields(report),
  }),
  thread_stuck: ({ worker, thread, report }) => ({
    level: 'error',
    msg:
      `thread ${thread} of ${nameOf(worker)} ${whereStuck(report)}; ${memoryOf(report)}; ` +
      (report.where === 'native'
        ? 'a thread in native code cannot be ended alone: the worker is replaced'
        : 'the thread is replaced'),
    ...aboutThread(thread, stuckFields(report)),
  }),
  thread_ended: ({ worker, thread, how }) => ({
    level: 'error',
    msg: `thread ${thread} of ${nameOf(worker)} ${how}`,
    ...aboutThread(thread),
  }),
  thread_ready: ({ worker, thread }) => ({
    level: 'info',
    msg: `thread ${thread} of ${nameOf(worker)} serves again`,
    ...aboutThread(thread),
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

/** A trial is a wait of its own: it does not make the boot slow. */
function readyAfter({ trial }: WorkerRecord, took: number): string {
  return trial > 0 ? `${duration(took - trial)}, ${duration(trial)} on trial` : duration(took)
}

function whyAborted({ task }: WorkerRecord, silent: number): string {
  if (task !== null) return 'its task ran longer than its timeout'
  return `its event loop was silent for ${duration(silent)} (timeout)`
}

/** With the figure for which it is replaced, if that is the reason. */
function whyRetired({ reason, task, load }: WorkerRecord): string {
  if (reason === 'max_requests' && task !== null)
    return `is retired after ${count(load.requests, 'task')} (max_tasks)`
  if (reason === 'max_requests') return `is retired after ${count(load.requests, 'request')} (max_requests)`
  if (reason === 'max_memory') return `is retired at ${megabytes(load.rss)} (max_memory)`
  if (reason === 'heap')
    return (
      `is retired with ${megabytes(load.heapUsed)} of ${megabytes(load.heapLimit)} of its heap in use ` +
      '(heap)'
    )
  if (reason === 'threads') return 'is retired: one of its threads cannot be replaced alone (threads)'
  if (reason === 'self') return 'is retired: its app has sent a signal to its own process (self)'
  if (reason === 'run_timeout') return 'is to end: the run has taken longer than `timeout` of its schedule'
  if (reason === 'overlap') return 'is to end: the next run takes its place (overlap)'
  return `is retired (${reason ?? 'retired'})`
}

function aboutThread(thread: number, more: Partial<Sentence> = {}): Pick<Sentence, 'fields' | 'said'> {
  return { ...more, said: { thread, ...more.said } }
}
