// The rotation of a log file as the settings define it, and which rotated files it removes. Used by the
// arbiter and by the checks of settings. Pure.

export interface RotationPolicy {
  /** Bytes at which a file is rotated; null for no limit. */
  readonly size: number | null
  /** Interval at which a file is rotated, as `parseInterval` reads it; null for none. */
  readonly interval: string | null
  /** How many rotated files are kept; null for all. */
  readonly keep: number | null
  /** Bytes that the rotated files of one log may use in total; null for no limit. */
  readonly total_size: number | null
  /** Whether rotated files are compressed with gzip. */
  readonly compress: boolean
  /** Whether intervals start, and file names are dated, in UTC instead of local time. */
  readonly utc: boolean
}

export interface SizedFile {
  readonly name: string
  /** Bytes. */
  readonly size: number
}

/** Takes rotated files, oldest first, and returns those to remove: too many, or too large in total. */
export function filesToRemove(
  files: readonly SizedFile[],
  { keep, total_size }: Pick<RotationPolicy, 'keep' | 'total_size'>,
): readonly SizedFile[] {
  let [left, bytes] = [files.length, files.reduce((sum, { size }) => sum + size, 0)]
  return files.filter(({ size }) => {
    if ((keep === null || left <= keep) && (total_size === null || bytes <= total_size)) return false
    left -= 1
    bytes -= size
    return true
  })
}
