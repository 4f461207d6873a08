// The directory of `acme`: the master makes it, or may write to it. Pure.

import type { PathFacts } from '../facts/path-facts.ts'
import { warning, wrong, type Finding } from '../findings/finding.ts'

/** `way`: the path and the directories above it, the root first. Only what is wrong. */
export function checkStorage(way: readonly PathFacts[]): Finding[] {
  const storage = way.at(-1)
  const nearest = way.findLast(({ kind }) => kind !== 'missing')
  if (storage === undefined || nearest === undefined) return []
  const { path, kind, writeError } = nearest
  if (kind === 'hidden')
    return [wrong('acme', `storage ${storage.path}: this user may not enter ${path}`, remedy(path))]
  if (kind !== 'directory')
    return [wrong('acme', `storage ${storage.path}: ${path} is no directory`, 'choose another path')]
  if (writeError === 'EROFS')
    return [wrong('acme', `storage ${storage.path}: the file system of ${path} is read-only`, volume)]
  if (writeError !== undefined)
    return [wrong('acme', `storage ${storage.path}: this user may not write to ${path}`, remedy(path))]
  if (nearest === storage && (storage.mode & 0o022) !== 0)
    return [warning('acme', `storage ${path}: other users may put files there`, `chmod 700 ${path}`)]
  return []
}

const volume = 'mount a volume there, or choose another path'

function remedy(path: string): string {
  return `chown or chmod ${path} for the user that starts tsgun`
}
