// Whether a user may read a file, by the permission bits of the file and of the directories above it. Pure.
// Access control lists are not seen.

import type { PathFacts } from '../facts/path-facts.ts'
import type { Who } from '../facts/who.ts'

const bits = { read: 4, write: 2, enter: 1 } as const

/** Returns the first path on the way that stops this user; undefined when the last one can be used so. */
export function blockedAt(
  way: readonly PathFacts[],
  who: Who,
  need: 'read' | 'write' | 'enter',
): PathFacts | undefined {
  return way.find((path, index) => !may(path, who, index === way.length - 1 ? need : 'enter'))
}

export function may({ mode, uid, gid }: PathFacts, who: Who, need: keyof typeof bits): boolean {
  if (who.uid === 0) return true
  const shift = who.uid === uid ? 6 : who.gids.includes(gid) ? 3 : 0
  return ((mode >> shift) & bits[need]) !== 0
}
