// The state of a log as hooks and the control API show it. Types only.

/** A log as the master sees it. Logs that share a file or stream have the same counts, except `dropped`. */
export interface LogView {
  /** Path of the file, `stdout`, `stderr` or `none`. */
  readonly name: string
  /** Bytes written since the server uses this file; it counts rotated and renamed files too. */
  readonly written: number
  /** Bytes in the master's memory that are not yet written, for example because the disk is full or slow. */
  readonly waiting: number
  /** Lines dropped, in the master or in a worker, because the buffer was full (`log_buffer`). */
  readonly dropped: number
  /** How many times the file was rotated by the master. */
  readonly rotations: number
}
