// When a log file is rotated and what becomes of the rotated ones, as the settings say it. Used by the
// arbiter, which does it, and where settings are checked.

export interface RotationPolicy {
  /** Bytes at which a file is full; null when its size does not matter. */
  readonly size: number | null
  /** How long a file is written, as `parseInterval` understands it; null for as long as it takes. */
  readonly interval: string | null
  /** How many rotated files are kept; null for all. */
  readonly keep: number | null
  /** Bytes that the rotated files of one log may have together; null for any number. */
  readonly total_size: number | null
  /** Whether rotated files are compressed with gzip. */
  readonly compress: boolean
  /** Whether intervals begin, and files are dated, by UTC and not by local time. */
  readonly utc: boolean
}
