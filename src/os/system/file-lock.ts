// Runs in the arbiter: flock(2) for the log files.

import type { NativeCalls } from './native.ts'

/** Of flock(2), the same on Linux and macOS: shared, exclusive, do not wait. */
const operations = { shared: 1 | 4, exclusive: 2 | 4 } as const

/**
 * Locks without waiting; false when the lock of another process is in the way. A file system that knows no
 * locks (some network file systems) has nothing that could be in the way.
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
    return !(
      error instanceof Error &&
      'code' in error &&
      (error.code === 'EAGAIN' || error.code === 'EWOULDBLOCK')
    )
  }
}
