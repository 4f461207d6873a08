// A sink takes the lines of one destination, writes them in order and counts what is lost. Runs in the
// arbiter. Writing to a sink never waits.

import type { LogView } from '../log-view.ts'
import type { DestinationOptions } from './destination.ts'
import type { Rotation } from './writer.ts'

/** Since the sink was opened; lines dropped by workers are not included. */
export type SinkCounts = Omit<LogView, 'name'>

export interface Sink {
  /** Path of the file, `stdout` or `stderr`. */
  readonly name: string
  readonly isTerminal: boolean
  readonly counts: SinkCounts
  /** Takes whole records. */
  write(records: Buffer | string): void
  /** Returns how many lines were dropped since the last call; 0 during a failure, when more may follow. */
  takeDropped(): number
  /**
   * Called regularly: starts a rotation that is due, and detects a file that was removed and writes that
   * hang.
   */
  tick(): void
  /** Opens the path again: earlier lines are in the file that had the name, later lines go to the new one. */
  reopen(): Promise<void>
  /**
   * Renames the file, which contains all earlier lines; later lines go to a new file. Rejects when it cannot
   * be rotated.
   */
  rotate(): Promise<Rotation>
  /** Applies changed options, from now on. */
  configure(options: DestinationOptions): void
  /**
   * Resolves when all lines are written, or cannot be written. The value is the number of lines lost that
   * `takeDropped` has not returned.
   */
  close(): Promise<number>
}

/** Receives what happens to the destinations while the server runs. */
export interface SinkWatch {
  /** Called once until the destination has recovered. */
  failed(name: string, error: Error): void
  recovered(name: string): void
  rotated(name: string): void
  /** The file continues to grow. Called once until it is rotated. */
  rotationFailed(name: string, error: Error): void
  /** A rotated file could not be compressed or removed. */
  archiveFailed(name: string, error: Error): void
}

/** The sink of a log that is switched off. */
export const nullSink: Sink = {
  name: 'none',
  isTerminal: false,
  counts: { written: 0, waiting: 0, dropped: 0, rotations: 0 },
  write: () => undefined,
  takeDropped: () => 0,
  tick: () => undefined,
  reopen: () => Promise.resolve(),
  rotate: () => Promise.resolve('empty'),
  configure: () => undefined,
  close: () => Promise.resolve(0),
}
