// Runs in the arbiter: what the end of a worker means, for the person who was not there: who ended it, and
// what Node.js, V8 or the kernel say with an exit code or a signal. Pure.

import { exitCodes } from '../../ipc/exit-codes.ts'
import type { ProcessEnd } from './commands.ts'
import { wasOrdered, type WorkerRecord } from './worker-record.ts'
import { shortageOf } from '../../os/limits/shortage.ts'

/** `itself`: it exited, or crashed. `other`: a signal that tsgun did not send. Null: there was no process. */
export type EndedBy = 'tsgun' | 'itself' | 'other'

/** The exit code of a worker that was aborted, and could answer. */
const abortedCode = 1

/**
 * Exit codes that Node.js itself uses (https://nodejs.org/api/process.html#exit-codes), and those of shells
 * for a signal.
 */
const codeWords: Readonly<Record<number, string>> = {
  0: 'process.exit, called by the app or a library',
  1: 'an error that nobody caught, or process.exit(1)',
  5: 'a fatal error in V8',
  6: 'nobody could handle an uncaught exception',
  7: 'a handler of uncaught exceptions threw',
  9: 'Node.js does not know an argument; see NODE_OPTIONS',
  10: 'Node.js failed while it started',
  12: 'the address for the debugger is wrong or in use; see NODE_OPTIONS',
  13: 'a top-level await was never fulfilled',
  134: 'SIGABRT, as a shell tells it',
  137: 'SIGKILL, as a shell tells it',
  139: 'SIGSEGV, as a shell tells it',
  143: 'SIGTERM, as a shell tells it',
}

/** Signals by which the kernel ends a process for what it did. */
const crashWords: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
  SIGABRT: 'process.abort(), or a fatal error of V8 or of native code',
  SIGSEGV: 'native code touched memory that is not its own: an addon, say, or a stack that is used up',
  SIGBUS: 'native code touched memory that is not there: of a file that was cut, say',
  SIGILL: 'V8 or native code met a state that it holds to be impossible',
  SIGTRAP: 'V8 or native code met a state that it holds to be impossible',
  SIGFPE: 'native code divided by zero',
  SIGSYS: 'a system call that the sandbox of the service or the container forbids',
}

const killWords = 'not by tsgun, but by a person or by the kernel for want of memory'
const oomWords =
  'by the kernel for want of memory: the cgroup has counted an OOM kill; fewer workers, more memory, ' +
  'or find the leak'
/** Why a worker ended whose app has called process.disconnect. */
export const disconnectWords = 'its app has closed the channel to the master (process.disconnect)'
const alarmWords = 'the alarm that tsgun sets in a worker, because its master did not end it in time'
const outOfMemory = /heap out of memory|process out of memory|Allocation failed/
const outOfMemoryWords =
  'V8 is out of memory; find what keeps it, or raise the limit with NODE_OPTIONS=--max-old-space-size=MIB'

export function endedBy(
  { killed, reason, pid }: WorkerRecord,
  { code, signal, error }: ProcessEnd,
): EndedBy | null {
  if (error || pid === null) return null
  if (signal === null) {
    const wasAborted = reason === 'timeout' && code === abortedCode
    return wasAborted || isOrderly({ reason }, { code, signal }) ? 'tsgun' : 'itself'
  }
  if ((signal === 'SIGKILL' && killed) || signal === 'SIGALRM') return 'tsgun'
  return signal in crashWords ? 'itself' : 'other'
}

/** It was told to end, and has done so: there is nothing to look into. */
export function isOrderly(
  worker: Pick<WorkerRecord, 'reason'>,
  { code, signal, error }: ProcessEnd,
): boolean {
  return wasOrdered(worker) && code === 0 && signal === null && error === undefined
}

/** The end in words, as the rest of a sentence about the worker. */
export function howEnded(worker: WorkerRecord, end: ProcessEnd): string {
  const { code, signal, error } = end
  if (error) return `could not be started: ${startFailure(error)}`
  if (worker.pid === null) return 'was called off before it was started'
  const when = worker.readyAt === null ? ' before it was ready' : ''
  const fact = signal === null ? `exited with code ${code ?? 0}` : `was ended by ${signal}`
  const words = isOrderly(worker, end) ? undefined : cause(worker, end)
  return `${fact}${when}${words === undefined ? '' : `: ${words}`}`
}

/** Why the system refused a new process. */
export function startFailure(error: Error): string {
  return shortageOf(error, 'spawn') ?? error.message
}

/** Why it ended, in one word: what the arbiter wanted, or `oom`, `signal` or `exit`. */
export function exitReason(worker: WorkerRecord, end: ProcessEnd): string {
  if (worker.reason !== null) return worker.reason
  if (end.code === exitCodes.disconnected.code) return 'disconnected'
  if (isOutOfMemory(end)) return 'oom'
  return end.signal === null ? 'exit' : 'signal'
}

function isOutOfMemory({ signal, oom, lastLines = [] }: ProcessEnd): boolean {
  if (oom) return true
  return signal !== null && signal in crashWords && lastLines.some((line) => outOfMemory.test(line))
}

/** What a code or a signal means; undefined for a code that only the app knows. */
function cause(worker: WorkerRecord, end: ProcessEnd): string | undefined {
  const { signal, code } = end
  const isOurs = endedBy(worker, end) === 'tsgun'
  if (signal === null && exitReason(worker, end) === 'disconnected') return disconnectWords
  if (signal === null) return isOurs ? 'tsgun aborted it' : codeWords[code ?? 0]
  if (signal === 'SIGALRM') return alarmWords
  if (signal === 'SIGKILL')
    return isOurs ? `tsgun killed it, because ${whyKilled(worker)}` : end.oom ? oomWords : killWords
  if (!(signal in crashWords)) return 'not by tsgun'
  return isOutOfMemory(end) ? outOfMemoryWords : crashWords[signal]
}

/** Which limit has passed. */
export function whyKilled(worker: WorkerRecord): string {
  const { reason } = worker
  if (reason === 'boot_timeout') return 'it was not ready within boot_timeout'
  if (reason === 'timeout') return 'its event loop stayed silent after the abort'
  if (reason === 'disconnected') return 'it did not exit in time after its app had closed the channel'
  return wasOrdered(worker) ? `it did not exit in time (${reason ?? ''})` : 'its time was up'
}
