// The directory in which the command was given, by the name that the shell has for it: `cd /srv/shop/current
// && tsgun` goes through the link again at each reload, as in gunicorn. The kernel knows only what the link
// meant at the start.

import { statSync } from 'node:fs'

/**
 * `shell` is $PWD, which may be missing, or be left from somewhere else; `physical` is what the kernel says.
 */
export function startDirectory(shell: string | undefined, physical: string): string {
  return shell?.startsWith('/') && isSame(shell, physical) ? shell : physical
}

function isSame(one: string, other: string): boolean {
  const [first, second] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }))
  return first !== undefined && second !== undefined && first.ino === second.ino && first.dev === second.dev
}
