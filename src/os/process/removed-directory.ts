// The working directory of a process may be removed, with the release that it was. No thread can be started
// there. Main threads only.

import { readlinkSync } from 'node:fs'

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
