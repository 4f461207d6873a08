// Runs in the arbiter: a file that exists only to be locked. It has no name, so that
// no other program opens it and nothing is left of it; its processes get the descriptor and open it in /proc.

import { closeSync, fchownSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The user and the group whose processes may open it; undefined: those of this process. */
export interface LockOwner {
  readonly uid: number | undefined
  readonly gid: number | undefined
}

/** Returns a descriptor. */
export function openLockPlace(owner: LockOwner): number {
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-lock-'))
  try {
    const fd = openSync(join(directory, 'lock'), 'wx+', 0o600)
    try {
      giveLockPlace(fd, owner)
      return fd
    } catch (error) {
      closeSync(fd)
      throw error
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

export function giveLockPlace(fd: number, { uid, gid }: LockOwner): void {
  if (uid !== undefined || gid !== undefined) fchownSync(fd, uid ?? -1, gid ?? -1)
}
