// The sentence about the end of a worker: whether it was planned, how it ended, and what follows. Pure.

import type { LogLevel } from '../../../logging/records/record.ts'
import type { Verdict } from '../../model/death/verdict.ts'
import type { CrashLoop } from '../../model/slot.ts'
import type { WorkerRecord } from '../../model/worker-record.ts'
import { count, duration, nameOf, type EventOf, type Sentence } from './sentence.ts'

export function describeEnd({ worker, verdict, lived, retryIn, loop }: EventOf<'worker_ended'>): Sentence {
  const { isOrderly, lastLines } = verdict
  const isErrorSaid = loop !== undefined && verdict.how.includes(loop.lastError)
  return {
    level: loop?.isNew === false || isOfRestart(verdict) ? 'debug' : levelOfEnd(verdict),
    msg:
      `${nameOf(worker)} ${howEnded(verdict, lived)}${unanswered(worker, verdict)}` +
      consequence(retryIn, loop),
    fields: {
      ...(loop && !isErrorSaid ? { last_error: loop.lastError } : {}),
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
      ...(loop && isErrorSaid ? { last_error: loop.lastError } : {}),
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

/** A signal from elsewhere leaves a worker no time to log its requests; the master has their number. */
function isUnheard({ load }: WorkerRecord, { signal, endedBy }: Verdict): boolean {
  return signal !== null && endedBy !== 'tsgun' && load.busy > 0
}

function unanswered(worker: WorkerRecord, verdict: Verdict): string {
  if (!isUnheard(worker, verdict)) return ''
  const { task, load } = worker
  if (task !== null) return `; at its last beat it ran ${count(load.busy, 'task')}`
  return `; at its last beat ${count(load.busy, 'request')} in flight, without an access line`
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
