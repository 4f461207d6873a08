// The working directory of a process may be removed, with the release that it was. No thread can be started
// there, and process.cwd() throws if it was removed before the start. Main threads only.

import { readlinkSync } from 'node:fs'
import { hasCode } from '../error-code.ts'

/** Changes to `/` from a directory that was removed: no relative path leads anywhere from there. */
export function leaveRemovedDirectory(
  read = (): string => readlinkSync('/proc/self/cwd'),
  change = (directory: string): void => process.chdir(directory),
): void {
  if (wasRemoved(read)) change('/')
}

function wasRemoved(read: () => string): boolean {
  try {
    return read().endsWith(' (deleted)') // proc(5)
  } catch {
    return false // another system than Linux
  }
}

/** Whether an error is that of process.cwd() in a directory that was removed. */
export function isLostDirectory(error: unknown): boolean {
  return (
    hasCode(error, 'ENOENT') && error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd'
  )
}

/** What to do about it. */
export const lostDirectory =
  'the current directory no longer exists: change to the directory of the app (cd), and start tsgun there'
