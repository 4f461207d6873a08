// Which resource is used up when the system refuses a new process or a connection, and the remedy. Pure.

import { errorCode, hasCode } from '../error-code.ts'

export type ShortageCall = 'spawn' | 'accept'

interface ShortageRow {
  readonly what: string
  readonly remedy: Readonly<Record<ShortageCall, string>>
}

const openFiles = 'raise the limit of open files: ulimit -n, or LimitNOFILE= of the systemd unit'
const memory = 'give the machine or the container more memory, or run fewer workers'

/** errno(3), of accept(2), fork(2) and socketpair(2). */
const shortages: Readonly<Record<string, ShortageRow>> = {
  EMFILE: {
    what: 'no file descriptor is free in this process',
    remedy: { spawn: openFiles, accept: openFiles },
  },
  ENFILE: {
    what: 'the system has too many open files',
    remedy: { spawn: 'raise fs.file-max (sysctl)', accept: 'raise fs.file-max (sysctl)' },
  },
  ENOMEM: { what: 'the kernel has no memory for it', remedy: { spawn: memory, accept: memory } },
  ENOBUFS: { what: 'the kernel has no memory for sockets', remedy: { spawn: memory, accept: memory } },
  EAGAIN: {
    what: 'a limit of processes and threads is reached',
    remedy: {
      spawn: 'raise ulimit -u of the user (LimitNPROC=), or pids.max of the cgroup (TasksMax=, --pids-limit)',
      accept: 'try again',
    },
  },
}

/** Returns the message for an error that means that a resource is used up; undefined for any other. */
export function shortageOf(error: Error, call: ShortageCall): string | undefined {
  const found = findShortage(systemCode(error), call)
  return found && `${found.what}: ${found.remedy}`
}

export interface Shortage {
  /** What is used up, with the code of the error. */
  readonly what: string
  readonly remedy: string
}

/** The same in two parts, for a code of errno(3). */
export function findShortage(code: string, call: ShortageCall): Shortage | undefined {
  const row = Object.hasOwn(shortages, code) ? shortages[code] : undefined
  return row && { what: `${row.what} (${code})`, remedy: row.remedy[call] }
}

/** The same for a file that could not be opened, or a thread that could not be started. */
export function loadingShortageOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const isShortage = hasCode(error, 'EMFILE', 'ENFILE', noThread)
  return isShortage ? shortageOf(error, 'spawn') : undefined
}

/** Of an error of Node that has the code of the system as its message. */
const noThread = 'ERR_WORKER_INIT_FAILED'

function systemCode(error: Error): string {
  if (!hasCode(error, noThread)) return errorCode(error) ?? ''
  return /\bE[A-Z]+\b/.exec(error.message)?.[0] ?? ''
}
