// Runs in the arbiter: flock(2) for the log files.

import { hasCode } from '../error-code.ts'
import type { NativeCalls } from './native.ts'

/** Of flock(2), the same on Linux and macOS: shared, exclusive, do not wait. */
const operations = { shared: 1 | 4, exclusive: 2 | 4 } as const

/**
 * Locks without waiting. Returns false when another process holds a conflicting lock; true also on a file
 * system without locks (some network file systems).
 */
export function lockFile(
  { flock }: Pick<NativeCalls, 'flock'>,
  fd: number,
  kind: keyof typeof operations,
): boolean {
  try {
    flock(fd, operations[kind])
    return true
  } catch (error) {
    return !hasCode(error, 'EAGAIN', 'EWOULDBLOCK')
  }
}
