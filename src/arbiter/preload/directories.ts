// Runs in the arbiter, only with preload(): the directories of its generations, below the temporary one. A
// lock shows that a process of the generation lives: each of them inherits it, so that the kernel frees it
// with the last one, however that ends. Directories without it are those of dead servers. systemd-tmpfiles
// leaves a locked directory alone too.

import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { Identity } from '../../os/process/identity.ts'
import { hasCode } from '../../os/error-code.ts'
import { tryLock } from '../../os/system/file-lock.ts'
import type { NativeCalls } from '../../os/system/native.ts'

const prefix = 'tsgun-preload-'

export interface GenerationDirectory {
  /** For the files of the user. */
  readonly files: string
  /** For what is copied where memory cannot be shared. */
  readonly copies: string
  /** Of the lock; absent without the system call. */
  readonly lock: number | undefined
  remove(): void
}

export type LockCalls = Pick<NativeCalls, 'flock'> | Error

/** What is in it belongs to the user of the workers. Throws when it cannot be made. */
export function makeDirectory(
  { uid, gid }: Pick<Identity, 'uid' | 'gid'>,
  native: LockCalls,
): GenerationDirectory {
  // Under its final name it is locked: removeStale() of another server never finds it free.
  const made = mkdtempSync(join(tmpdir(), `.${prefix}`))
  const lock = native instanceof Error ? undefined : takeLock(made, native)
  const root = join(dirname(made), basename(made).slice(1))
  renameSync(made, root)
  chmodSync(root, 0o711)
  const make = (name: string): string => {
    const directory = join(root, name)
    mkdirSync(directory, { mode: 0o700 })
    if (uid !== undefined) chownSync(directory, uid, gid ?? -1)
    return directory
  }
  return {
    files: make('files'),
    copies: make('copies'),
    lock,
    remove() {
      rmSync(root, { recursive: true, force: true })
      if (lock !== undefined) closeSync(lock)
    },
  }
}

function takeLock(directory: string, native: Pick<NativeCalls, 'flock'>): number {
  const fd = openSync(directory, 'r')
  tryLock(native, fd, 'exclusive')
  return fd
}

/** Removes the directories of servers that were killed, if they are this user's. */
export function removeStale(native: LockCalls): void {
  if (native instanceof Error) return
  for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(prefix)))
    removeIfStale(join(tmpdir(), name), native)
}

function removeIfStale(root: string, native: Pick<NativeCalls, 'flock'>): void {
  let fd: number
  try {
    fd = openSync(root, 'r')
  } catch {
    return // another user's, or removed meanwhile
  }
  try {
    if (tryLock(native, fd, 'exclusive') === 'locked') rmSync(root, { recursive: true, force: true })
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'EPERM')) throw error // another user's
  } finally {
    closeSync(fd)
  }
}
