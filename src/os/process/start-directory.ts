// Runs in the command: the directory in which it was started, as the shell names it. After `cd
// /srv/shop/current && tsgun` each reload follows the symlink again, as in gunicorn; process.cwd() has the
// target that the symlink had at the start.

import { statSync } from 'node:fs'

/** `shell` is $PWD, which may be missing or stale; `physical` is process.cwd(). Returns one of them. */
export function startDirectory(shell: string | undefined, physical: string): string {
  return shell?.startsWith('/') && isSameFile(shell, physical) ? shell : physical
}

function isSameFile(one: string, other: string): boolean {
  const [first, second] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }))
  return first !== undefined && second !== undefined && first.ino === second.ino && first.dev === second.dev
}
