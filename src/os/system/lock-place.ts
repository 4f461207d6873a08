// Runs in the arbiter: a file that exists only to be locked. It has no name, so that
// no other program opens it and nothing is left of it; its processes get the descriptor and open it in /proc.

import { closeSync, fchownSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Returns a descriptor. `owner`: the user and the group whose processes may open it. */
export function openLockPlace(owner: {
  readonly uid: number | undefined
  readonly gid: number | undefined
}): number {
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-lock-'))
  try {
    const fd = openSync(join(directory, 'lock'), 'wx+', 0o600)
    try {
      if (owner.uid !== undefined || owner.gid !== undefined) fchownSync(fd, owner.uid ?? -1, owner.gid ?? -1)
      return fd
    } catch (error) {
      closeSync(fd)
      throw error
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
}
