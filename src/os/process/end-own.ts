// Runs in any thread of a process: ends it at once, whatever its other threads are doing.

import { writeSync } from 'node:fs'

/** Sends SIGKILL to this process. `reason` goes to standard error, if that is still open. */
export function endOwnProcess(reason: string): void {
  try {
    writeSync(2, `${reason}\n`)
  } catch {
    // EPIPE: the master, which has read it, has exited
  }
  process.kill(process.pid, 'SIGKILL')
}
