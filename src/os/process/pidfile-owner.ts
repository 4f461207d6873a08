// Arbiter and doctor: which process a pidfile belongs to. A master holds an exclusive lock (flock(2)) on its
// pidfile until it exits, however it exits; so the number in the file may meanwhile be that of any program.
// Without locks the title of the process decides.

import { closeSync, constants, openSync, readFileSync } from 'node:fs'
import { hasCode } from '../error-code.ts'
import { fileProblem } from '../file-problem.ts'
import { isMasterTitle, titleOf } from './socket-holders.ts'
import { processExists } from './spawn.ts'
import { tryLock, type LockResult } from '../system/file-lock.ts'
import type { NativeCalls } from '../system/native.ts'

/** Another arbiter runs, or the file cannot be written. */
export class PidfileError extends Error {
  override readonly name = 'PidfileError'
}

/** An Error: this platform has no native calls. */
export type Locks = Pick<NativeCalls, 'flock'> | Error

/** The process that a pidfile belongs to, as the file has it; undefined for a stale file or none. */
export function ownerOf(path: string, locks: Locks): string | undefined {
  const fd = openExisting(path)
  if (fd === undefined) return undefined
  try {
    return ownerOfOpen(fd, path, locks)
  } finally {
    closeSync(fd)
  }
}

/** Locks the file when no process has it. The lock lasts until `fd` is closed. */
export function ownerOfOpen(fd: number, path: string, locks: Locks): string | undefined {
  const result = lock(fd, locks)
  const text = explained('read', path, () => readFileSync(fd, 'utf8')).trim()
  if (result === 'held') return text
  return result === 'unavailable' && isRunningMaster(text) ? text : undefined
}

/** Where processes have no title to read (macOS), each one may be a master. */
function isRunningMaster(text: string): boolean {
  const pid = Number(text)
  if (!isId(text) || pid === process.pid || !processExists(pid)) return false
  const title = titleOf(pid)
  return title === undefined || isMasterTitle(title)
}

export function isId(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) > 0
}

export function lock(fd: number, locks: Locks): LockResult {
  return locks instanceof Error ? 'unavailable' : tryLock(locks, fd, 'exclusive')
}

/** Undefined when it does not exist. A FIFO does not block. */
export function openExisting(path: string): number | undefined {
  return explained('read', path, () => {
    try {
      return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined
      throw error
    }
  })
}

export function explained<T>(verb: 'read' | 'write', path: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw new PidfileError(`cannot ${verb} the pidfile ${path}: ${fileProblem(error, path)}`, {
      cause: error,
    })
  }
}
