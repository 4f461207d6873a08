// The verdict on a worker that has ended: who ended it, why, and what Node.js, V8 or the kernel mean by its
// exit code or signal. Computed once, when the worker is reaped, and carried by the event: the log, the
// hooks, the control socket, the back-off and the reload all use the same one. Pure.

import { mainService } from '../../../config/sources/service-plans.ts'
import { messageOf } from '../../../os/error-message.ts'
import { shortageOf } from '../../../os/limits/shortage.ts'
import { codeMeaning, crashWords, endWords } from './exit-words.ts'
import { errorIn, firstLine, lastErrorOf } from './last-error.ts'
import type { ProcessEnd } from './process-end.ts'
import { isArbiterSignal } from '../signals.ts'
import { isPlanned, type WorkerRecord } from '../worker-record.ts'

/**
 * `itself`: it exited or crashed. `other`: by a signal that tsgun did not send. Null: no process was started.
 */
export type EndedBy = 'tsgun' | 'itself' | 'other'

/**
 * Which promise of a new worker the end has broken. `boot`: it was never ready. `trial`: it died just after.
 */
export type BrokenPromise = 'boot' | 'trial'

export interface Verdict {
  /** In one word: the reason of its record, or `oom`, `signal` or `exit`. */
  readonly reason: string
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly endedBy: EndedBy | null
  /** The arbiter ordered it to end as part of its plan. */
  readonly isPlanned: boolean
  /** It was ordered to end and did so with exit code 0: nothing to look into. */
  readonly isOrderly: boolean
  /** No process could be started at all. */
  readonly neverStarted: boolean
  /** The end in words, as the rest of a sentence about the worker. */
  readonly how: string
  /** The part of `how` that comes before the cause; null when no process ran. */
  readonly fact: string | null
  /** Why it failed, in one line: its own error if it reported or printed one. */
  readonly lastError: string
  /** Null when the end says nothing against the code that it ran. */
  readonly broken: { readonly promise: BrokenPromise; readonly reason: string } | null
  /** The last lines of its standard error; absent when that is not captured. */
  readonly lastLines: readonly string[] | undefined
}

/** Milliseconds after ready in which a death counts against a new generation; pool/trial.ts says when. */
export const trialTime = 1000

/** `now`: monotonic milliseconds. */
export function judge(worker: WorkerRecord, end: ProcessEnd, now: number): Verdict {
  const how = howEnded(worker, end)
  return {
    reason: exitReason(worker, end),
    code: end.code,
    signal: end.signal,
    endedBy: endedBy(worker, end),
    isPlanned: isPlanned(worker),
    isOrderly: isOrderly(worker, end),
    neverStarted: end.error !== undefined,
    how,
    fact: factOf(worker, end) ?? null,
    lastError: lastErrorOf(worker.bootError ?? worker.fault?.stack ?? null, end.lastLines, how),
    broken: brokenPromise(worker, end, now),
    lastLines: end.lastLines,
  }
}

/** The exit code of a worker that was aborted and whose event loop turned again. */
const abortedCode = 1

export function endedBy(worker: WorkerRecord, { code, signal, error }: ProcessEnd): EndedBy | null {
  const { killed, reason, pid } = worker
  if (error || pid === null) return null
  if (signal === null) {
    const wasAborted = reason === 'timeout' && code === abortedCode
    return wasAborted || isOrderly(worker, { code, signal }) ? 'tsgun' : 'itself'
  }
  if ((signal === 'SIGKILL' && killed) || signal === 'SIGALRM') return 'tsgun'
  return signal in crashWords ? 'itself' : 'other'
}

function isOrderly(
  worker: Pick<WorkerRecord, 'reason' | 'left'>,
  { code, signal, error }: ProcessEnd,
): boolean {
  return isPlanned(worker) && worker.left === null && code === 0 && signal === null && error === undefined
}

export function howEnded(worker: WorkerRecord, end: ProcessEnd): string {
  const { error } = end
  if (error) return `could not be started: ${startFailure(error)}`
  const fact = factOf(worker, end)
  if (fact === undefined) return 'was cancelled before its process was started'
  const words = isOrderly(worker, end) ? undefined : cause(worker, end)
  return words === undefined ? fact : `${fact}: ${words}`
}

/** Undefined when no process ran. */
function factOf(worker: WorkerRecord, end: ProcessEnd): string | undefined {
  return end.error || worker.pid === null ? undefined : `${endFact(end)}${howEarly(worker)}`
}

/** What it had not come to. */
function howEarly({ readyAt, left }: WorkerRecord): string {
  if (readyAt === null) return ' before it was ready'
  if (left === null) return ''
  const cut = left.busy === 1 ? '1 request' : `${left.busy} requests`
  return ` before its drain was over${left.busy > 0 ? `, with ${cut} in flight` : ''}`
}

/** `exited with code 1`, `was ended by SIGKILL`. */
export function endFact({ code, signal }: Pick<ProcessEnd, 'code' | 'signal'>): string {
  return signal === null ? `exited with code ${code ?? 0}` : `was ended by ${signal}`
}

/** Why the system refused to start a process. */
export function startFailure(error: Error): string {
  return shortageOf(error, 'spawn') ?? messageOf(error)
}

export function exitReason(worker: WorkerRecord, end: ProcessEnd): string {
  if (worker.reason !== null) return worker.reason
  if (isOutOfMemory(end)) return 'oom'
  return end.signal === null ? 'exit' : 'signal'
}

const outOfMemory = /heap out of memory|process out of memory|Allocation failed/
/** No leak: V8 reserves addresses when an isolate starts, also that of a thread in a worker that is ready. */
const failedReserve = /Failed to reserve (?:virtual )?memory/

function isOutOfMemory(end: ProcessEnd): boolean {
  return end.oom === true || (end.signal !== null && end.signal in crashWords && says(end, outOfMemory))
}

function says({ lastLines = [] }: ProcessEnd, words: RegExp): boolean {
  return lastLines.some((line) => words.test(line))
}

/** What a code or a signal means; undefined for a code that only the app knows. */
function cause(worker: WorkerRecord, end: ProcessEnd): string | undefined {
  const { signal, code } = end
  const isOurs = endedBy(worker, end) === 'tsgun'
  if (signal === null && worker.reason === 'disconnected') return endWords.disconnected
  if (signal === null && worker.fault !== null) return `an uncaught error: ${firstLine(worker.fault.stack)}`
  if (signal === null && end.foreign) return lastLineOf(end)
  if (signal === null) return isOurs ? endWords.aborted : codeMeaning(code ?? 0)
  if (signal === 'SIGALRM') return endWords.alarm
  if (signal === 'SIGKILL' && isOurs) return `tsgun killed it: ${whyKilled(worker)}`
  if (signal === 'SIGKILL') return end.oom ? endWords.oomKill : endWords.kill
  if (!(signal in crashWords)) return endWords.signal
  if (isOutOfMemory(end))
    return says(end, failedReserve) ? `${endWords.reserve}${limitWords(end)}` : endWords.heap
  return `${crashWords[signal] ?? ''}${worker.readyAt === null ? limitWords(end) : ''}`
}

/** Of another program: the last line that it has printed on standard error. */
function lastLineOf({ foreign, lastLines = [] }: ProcessEnd): string | undefined {
  const line = lastLines.findLast((each) => each.trim() !== '')
  return foreign && line !== undefined ? firstLine(line) : undefined
}

/** For the end of a sentence about a process that was not ready. */
export function limitWords({ lowLimit }: ProcessEnd): string {
  return lowLimit === undefined ? '' : `; ${lowLimit}`
}

/** Which limit has passed. */
export function whyKilled(worker: Pick<WorkerRecord, 'reason' | 'task' | 'running'>): string {
  const { reason, task, running } = worker
  if (reason === null && running !== null) return 'its lock was not renewed in time'
  if (reason === 'boot_timeout') return 'it was not ready within boot_timeout'
  if (reason === 'timeout' && task !== null) return 'its task ran longer than its timeout'
  if (reason === 'timeout') return 'its event loop stayed silent after the abort'
  if (reason === 'disconnected') return 'it did not exit in time after its app had closed the channel'
  return isPlanned(worker) ? `it did not exit in time (${reason ?? ''})` : 'its deadline passed'
}

function brokenPromise(worker: WorkerRecord, end: ProcessEnd, now: number): Verdict['broken'] {
  if (isPlanned(worker)) return null
  if (worker.readyAt === null) {
    // A `pkill` or a Ctrl-C that reached it before it listened to signals says nothing about the app.
    if (end.signal !== null && isArbiterSignal(end.signal)) return null
    return { promise: 'boot', reason: whyNotReady(worker, end) }
  }
  const hasSettled = worker.running ?? now - worker.readyAt > trialTime
  if (hasSettled || !isOwnFault(worker, end)) return null
  const early =
    worker.running === null
      ? `died within ${trialTime / 1000} s after it was ready`
      : `died within ${trialTime / 1000} s after its start() was called`
  const reason = `${subjectOf(worker)} ${early}: it ${howEnded(worker, end)}`
  return { promise: 'trial', reason }
}

function isOwnFault(worker: WorkerRecord, end: ProcessEnd): boolean {
  return endedBy(worker, end) === 'itself' || exitReason(worker, end) === 'oom'
}

/** Why a worker did not become ready, for the end of a start or of a reload. */
export function whyNotReady(
  worker: Pick<WorkerRecord, 'task' | 'service' | 'reason' | 'report' | 'fault'>,
  end: ProcessEnd,
): string {
  const { reason, report, fault } = worker
  const who = subjectOf(worker)
  const step = report?.step ?? null
  if (reason === 'boot_timeout')
    return `${who} was not ready within boot_timeout${step === null ? '' : `: ${step}`}`
  const { error, lastLines } = end
  if (error) return `${who} did not become ready: it could not be started: ${startFailure(error)}`
  if (reason === 'disconnected') return `${who} did not become ready: ${endWords.disconnected}`
  const printed = fault === null ? (errorIn(lastLines) ?? lastLineOf(end)) : firstLine(fault.stack)
  const how = `${endFact(end)}${printed === undefined ? '' : ` (${printed})`}`
  return `${who} did not become ready: it ${how}${limitWords(end)}`
}

function subjectOf({ task, service }: Pick<WorkerRecord, 'task' | 'service'>): string {
  if (task !== null) return `a process of the task ${task}`
  return service === null || service === mainService ? 'a worker' : `a process of the service ${service}`
}
