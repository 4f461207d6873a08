// Runs in the arbiter: flock(2) for the log files and the pidfile.

import { hasCode } from '../error-code.ts'
import type { NativeCalls } from './native.ts'

/** Of flock(2), the same on Linux and macOS: shared, exclusive, do not wait. */
const operations = { shared: 1 | 4, exclusive: 2 | 4 } as const

/** `unavailable`: a file system without locks, as some network file systems. */
export type LockResult = 'locked' | 'held' | 'unavailable'

/** Locks without waiting. `held`: another process holds a conflicting lock. */
export function tryLock(
  { flock }: Pick<NativeCalls, 'flock'>,
  fd: number,
  kind: keyof typeof operations,
): LockResult {
  try {
    flock(fd, operations[kind])
    return 'locked'
  } catch (error) {
    return hasCode(error, 'EAGAIN', 'EWOULDBLOCK') ? 'held' : 'unavailable'
  }
}

/** Returns false when another process holds a conflicting lock; true also on a file system without locks. */
export function lockFile(...parameters: Parameters<typeof tryLock>): boolean {
  return tryLock(...parameters) !== 'held'
}
