// What the file system says about a path. Runs in `tsgun doctor` and `--check-config`.

import { accessSync, constants, statSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import { errorCode, hasCode } from '../../os/error-code.ts'

export type PathKind = 'file' | 'directory' | 'socket' | 'fifo' | 'device' | 'missing' | 'hidden'

export interface PathFacts {
  readonly path: string
  /** `hidden`: this user may not look into a directory on the way. */
  readonly kind: PathKind
  /** Permission bits; 0 for what does not exist. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Why this process cannot write to it: EACCES, EROFS; undefined when it can. */
  readonly writeError: string | undefined
}

export function pathFacts(path: string): PathFacts {
  const none = { path, mode: 0, uid: -1, gid: -1, writeError: 'ENOENT' }
  try {
    const stat = statSync(path)
    const { mode, uid, gid } = stat
    return { path, kind: kindOf(stat), mode: mode & 0o7777, uid, gid, writeError: writeErrorOf(path) }
  } catch (error) {
    return { ...none, kind: hasCode(error, 'EACCES') ? 'hidden' : 'missing' }
  }
}

/** The path and the directories above it, the root first. */
export function wayTo(path: string): readonly PathFacts[] {
  const parent = dirname(path)
  return [...(parent === path ? [] : wayTo(parent)), pathFacts(path)]
}

function kindOf(stat: Stats): PathKind {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'directory'
  if (stat.isSocket()) return 'socket'
  return stat.isFIFO() ? 'fifo' : 'device'
}

function writeErrorOf(path: string): string | undefined {
  try {
    accessSync(path, constants.W_OK)
    return undefined
  } catch (error) {
    return errorCode(error) ?? 'EACCES'
  }
}
