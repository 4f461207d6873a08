// How several masters that write the same log file (two of them during an upgrade, say) keep out of each
// other's way. The rule:
//
// - Whoever has a log file open holds a shared lock on it, for as long as it may still write to it under
// whatever name. - Whoever rotates locks the directory first, and then looks whether the path still is the
// file that it has open. If it is not, another master has rotated it: then the path is only opened anew. So
// no file is rotated twice, and no name is given twice. - Whoever compresses a rotated file needs an
// exclusive lock on it, which it gets when nobody can write to it any more.
//
// The locks are those of flock(2): they belong to the open file, not to its name, and the kernel takes them
// away from a process that dies.

export interface FileLocks {
  /**
   * Does not wait: false when the lock of another process is in the way. It lasts until the descriptor is
   * closed.
   */
  lock(fd: number, kind: 'shared' | 'exclusive'): boolean
}

/** Where there are no system calls beyond Node's: then one master at a time may write a log. */
export const noLocks: FileLocks = { lock: () => true }
