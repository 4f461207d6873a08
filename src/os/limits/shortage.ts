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
  const code = errorCode(error) ?? ''
  const row = Object.hasOwn(shortages, code) ? shortages[code] : undefined
  return row && `${row.what} (${code}): ${row.remedy[call]}`
}

/** The same for a file that could not be opened: only when no descriptor was free. */
export function descriptorShortageOf(error: unknown): string | undefined {
  const isShortage = error instanceof Error && hasCode(error, 'EMFILE', 'ENFILE')
  return isShortage ? shortageOf(error, 'accept') : undefined
}
