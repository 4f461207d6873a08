// Which rotated files have to go. Pure.

import type { RotationPolicy } from './policy.ts'

export interface SizedFile {
  readonly name: string
  /** Bytes. */
  readonly size: number
}

/** Of files in their order, the oldest first, those that are too many or too large together. */
export function superfluous(
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
