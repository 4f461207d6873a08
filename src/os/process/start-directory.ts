// Runs in the command: the directory in which it was started, as the shell names it. After `cd
// /srv/shop/current && tsgun` each reload follows the symlink again, as in gunicorn; process.cwd() has the
// target that the symlink had at the start.

import { statSync } from 'node:fs'
import { hasCode } from '../error-code.ts'

/** `shell` is $PWD, which may be missing or stale; `physical` is process.cwd(). Returns one of them. */
export function startDirectory(shell: string | undefined, physical: string): string {
  return shell?.startsWith('/') && isSameFile(shell, physical) ? shell : physical
}

function isSameFile(one: string, other: string): boolean {
  const [first, second] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }))
  return first !== undefined && second !== undefined && first.ino === second.ino && first.dev === second.dev
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
