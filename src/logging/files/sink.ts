// Runs in the arbiter: what a log is to whoever writes it. Writing never waits.

import type { Rotation } from './outlet.ts'
import type { Manner } from './places.ts'

/** What has become of a log since the start of the server. */
export interface SinkCounts {
  /** Bytes that were written. */
  readonly written: number
  /** Bytes that wait in memory. */
  readonly waiting: number
  /** Lines that were dropped because too much waited. */
  readonly dropped: number
  readonly rotations: number
}

export interface Sink {
  /** The path, `stdout` or `stderr`. */
  readonly name: string
  readonly isTerminal: boolean
  readonly counts: SinkCounts
  /** Takes whole records. */
  write(records: Buffer | string): void
  /**
   * How many lines were dropped since the last call; 0 while the log cannot be written, for then more will
   * be.
   */
  takeDropped(): number
  /**
   * Now and then: rotates what is due although nothing is written, and notices a place that takes nothing.
   */
  tick(): void
  /**
   * Opens the path anew: what was written before is in the file that had the name, what comes after goes to
   * the new one.
   */
  reopen(): Promise<void>
  /**
   * What was written before is in the file that gets another name, what comes after goes to a new one.
   * Rejects when it cannot be done.
   */
  rotate(): Promise<Rotation>
  /** From now on. */
  follow(manner: Manner): void
  /** Fulfils when all lines are written, or cannot be. Answers how many were lost and not told. */
  close(): Promise<number>
}

/** What becomes of a log while the server runs. */
export interface SinkWatch {
  /** Told once until it has recovered. */
  failed(name: string, error: Error): void
  recovered(name: string): void
  rotated(name: string): void
  /** The file goes on growing. Told once until it is rotated. */
  rotationFailed(name: string, error: Error): void
  /** A rotated file could not be compressed or removed. */
  archiveFailed(name: string, error: Error): void
}

/** For a log that is switched off. */
export const nullSink: Sink = {
  name: 'none',
  isTerminal: false,
  counts: { written: 0, waiting: 0, dropped: 0, rotations: 0 },
  write: () => undefined,
  takeDropped: () => 0,
  tick: () => undefined,
  reopen: () => Promise.resolve(),
  rotate: () => Promise.resolve('empty'),
  follow: () => undefined,
  close: () => Promise.resolve(0),
}
