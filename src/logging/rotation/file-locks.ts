// Locks that coordinate several masters that write the same log file, for example two during an upgrade. The
// arbiter uses them; src/os implements them. The rules:
//
// - A master holds a shared lock on each log file that it has open, for as long as it may write to it, under
//   whatever name the file then has.
// - To rotate, a master first locks the directory, then checks that the path still leads to the file that it
//   has open. If not, another master has rotated the file, and this one only opens the path again. So no file
//   is rotated twice, and no name is used twice.
// - To compress a rotated file, a master needs an exclusive lock on it, which it gets when no process can
//   write to the file any more.
//
// The locks are those of flock(2): they belong to the open file, not to its name, and the kernel releases
// them when a process dies.

export interface FileLocks {
  /**
   * Tries to lock an open file and returns at once: false when another process holds a conflicting lock. The
   * lock is held until the descriptor is closed.
   */
  lock(fd: number, kind: 'shared' | 'exclusive'): boolean
}

/**
 * Used when native system calls are not available. Then only one master at a time may write to a log file.
 */
export const noLocks: FileLocks = { lock: () => true }
