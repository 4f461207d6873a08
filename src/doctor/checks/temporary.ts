// The directory for compiled code (TMPDIR), and space on the disks that are written to. Pure.

import type { Space } from '../facts/temporary.ts'
import { ok, warning, wrong, type Finding } from '../findings/finding.ts'

const mebibyte = 2 ** 20

export function checkTemporary({ path, problem, free }: Space): Finding {
  const subject = 'TMPDIR'
  if (problem !== undefined)
    return wrong(
      subject,
      `${path} cannot be written to: ${problem}`,
      'mount a tmpfs there (docker: --tmpfs /tmp), or set TMPDIR to a directory that can be written to',
    )
  if (free !== undefined && free < 50 * mebibyte)
    return wrong(
      subject,
      `${path} has ${Math.floor(free / mebibyte)}M left`,
      'remove files, or set TMPDIR to another disk',
    )
  return ok(subject, `${path} can be written to`)
}

/** A log on a full disk loses lines. `total`: bytes of the disk. */
export function checkLogSpace(disks: readonly (Space & { readonly total: number })[]): Finding[] {
  return disks.flatMap(({ path, free, total }) =>
    free !== undefined && free < Math.min(total * 0.05, 1024 * mebibyte)
      ? [
          warning(
            'logs',
            `${path} has ${Math.floor(free / mebibyte)}M left`,
            'remove old logs, or set log_rotation.total_size',
          ),
        ]
      : [],
  )
}
