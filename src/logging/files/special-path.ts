// Runs in the arbiter: whether a log path means one of the master's own standard streams, or /dev/null.
// Images of containers make such links (access.log -> /dev/stdout). A stream is written through its
// descriptor: to open its path again is not possible for a socket or the terminal of another user, and would
// write over what others have written to a file.

import { readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

export type StandardStream = 'stdout' | 'stderr'
export type SpecialPath = StandardStream | 'null'

/** Paths that do not depend on the process. Systems without /proc have /dev/fd. */
const names: Readonly<Record<string, SpecialPath>> = {
  '/dev/null': 'null',
  '/dev/stdout': 'stdout',
  '/dev/stderr': 'stderr',
  '/dev/fd/1': 'stdout',
  '/dev/fd/2': 'stderr',
}

/** As the kernel does (path_resolution(7)). */
const mostLinks = 40

/** Undefined for any other path, also one that does not exist. Follows links. */
export function specialPath(path: string): SpecialPath | undefined {
  let at = resolve(path)
  for (let links = 0; links < mostLinks; links += 1) {
    const directory = orUndefined(() => realpathSync(dirname(at)))
    const found = Object.hasOwn(names, at) ? names[at] : ownDescriptor(directory ?? '', basename(at))
    if (found !== undefined) return found
    const target = orUndefined(() => readlinkSync(at))
    if (target === undefined || directory === undefined) return undefined
    at = resolve(directory, target)
  }
  return undefined
}

/** /proc/self/fd, /proc/thread-self/fd and, in a container, /proc/1/fd are links to this directory, or it. */
function ownDescriptor(directory: string, name: string): SpecialPath | undefined {
  const own = join('/proc', String(process.pid))
  const isOwn = directory === join(own, 'fd') || /^\/task\/\d+\/fd$/.test(directory.replace(own, ''))
  return isOwn ? names[`/dev/fd/${name}`] : undefined
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined // it is no link, or does not exist: opening the file reports the error
  }
}
