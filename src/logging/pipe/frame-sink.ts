// Where the log pipe of a worker, or of a thread of it, puts its frames.

import type { LogName } from '../log-names.ts'

export interface FrameSink {
  /** `frame`: copied if it has to wait; undefined for lines that no frame can hold, which are dropped. */
  send(log: LogName, frame: Buffer | undefined, lines: number): void
  /** Absent where no frame has to wait. */
  readonly queue?: FrameQueue
}

/** Frames that wait until they can be written. */
export interface FrameQueue {
  readonly isEmpty: boolean
  /** Tries again to write what waits. */
  retry(): void
  /** The same, unless it was tried a moment before `now` (performance.now): a blocked loop has no timers. */
  retryAt(now: number): void
  /** For the end of the process: blocks until nothing waits, here or by `isWaiting`, with a time limit. */
  wait(isWaiting: () => boolean): void
  /** `onEmpty`: called when what waited is written. */
  onEmpty(onEmpty: () => void): void
}
