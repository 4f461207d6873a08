// What a sink writes to: a log file or a standard stream. Runs in the arbiter. A writer writes one piece at a
// time, reports to the byte how much it wrote, and buffers nothing. The sink decides what to do after an
// error.

import type { DestinationOptions } from './destination.ts'

export interface Written {
  readonly bytes: number
  /** Why not all bytes were written. */
  readonly error?: Error
}

/**
 * Result of a rotation. `empty`: there was nothing to rotate. `elsewhere`: the path already led to another
 * file, which is open now. `busy`: another master is rotating files in this directory.
 */
export type Rotation = 'rotated' | 'empty' | 'elsewhere' | 'busy'

export interface Writer {
  /** Applies changed options, from now on. */
  configure(options: Pick<DestinationOptions, 'rotation' | 'mode'>): void
  /** Bytes until a rotation by size is due; Infinity without a limit. */
  readonly room: number
  /** Never rejects. */
  write(bytes: Buffer): Promise<Written>
  /**
   * Opens the destination again. Rejects, and changes nothing, when it cannot be opened. Resolves with
   * whether it still ends with the last byte written, so that a line that was cut off can be continued.
   */
  reopen(): Promise<boolean>
  /** Resolves with an error when written bytes would be lost, for example because the file was removed. */
  check(): Promise<Error | undefined>
  /** Whether a rotation is due at `now`, in milliseconds since the epoch. */
  isDue(now: number): boolean
  /** Rotates, due or not. Rejects when that fails; the writer then continues with the same file. */
  rotate(now: number): Promise<Rotation>
  close(): Promise<void>
}
