// Runs in the arbiter: puts a new pidfile at its path. Of several starts at the same time only one succeeds.

import {
  closeSync,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { hasCode } from '../../os/error-code.ts'
import {
  explained,
  isId,
  lock,
  openExisting,
  ownerOfOpen,
  PidfileError,
  type Locks,
} from '../../os/process/pidfile-owner.ts'

/** How often a file that other starts replace at the same time is looked at again. */
const attempts = 10

/**
 * Writes the file beside the path and then moves it there, so that no reader sees half of it and only one of
 * several starts succeeds. Returns its descriptor, which holds the lock. Throws a PidfileError.
 */
export function claim(path: string, locks: Locks): number {
  const temporary = `${path}.${process.pid}.${process.hrtime.bigint()}`
  const fd = explained('write', path, () => openSync(temporary, 'wx', 0o644))
  try {
    explained('write', path, () => writeSync(fd, `${process.pid}\n`))
    lock(fd, locks)
    for (let attempt = 0; attempt < attempts; attempt += 1) if (place(temporary, path, locks)) return fd
    throw new PidfileError(`cannot write the pidfile ${path}: other processes replace it all the time`)
  } catch (error) {
    closeSync(fd)
    throw error
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** Returns false when another process has changed the path meanwhile. */
function place(temporary: string, path: string, locks: Locks): boolean {
  const fd = openExisting(path)
  const move = (step: () => boolean): boolean => explained('write', path, step)
  if (fd === undefined) return move(() => create(temporary, path))
  try {
    const owner = ownerOfOpen(fd, path, locks)
    if (owner !== undefined) throw new PidfileError(runningMessage(path, owner))
    // The stale file is locked until it is replaced: another start cannot replace what this one puts there.
    return move(() => replace(temporary, path, fd))
  } finally {
    closeSync(fd)
  }
}

function runningMessage(path: string, owner: string): string {
  const advice = 'or choose another pidfile'
  const start = `a server is already running with the pidfile ${path}`
  return isId(owner)
    ? `${start}: process ${owner}; stop it first (kill ${owner}), ${advice}`
    : `${start}, which holds no process id; stop it first, ${advice}`
}

function create(temporary: string, path: string): boolean {
  try {
    linkSync(temporary, path)
  } catch (error) {
    // a link to a file that does not exist is replaced; some file systems have no hard links
    if (hasCode(error, 'EEXIST') && !isLink(path)) return false
    renameSync(temporary, path)
  }
  return true
}

function replace(temporary: string, path: string, fd: number): boolean {
  const [open, found] = [fstatSync(fd), statSync(path, { throwIfNoEntry: false })]
  if (found?.ino !== open.ino || found.dev !== open.dev) return false
  renameSync(temporary, path)
  return true
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
}
