// Runs in the arbiter: the setting `reload_extra_files`, a list of paths and globs. Pure, except that it
// looks up whether a path is a directory.

import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import picomatch from 'picomatch'
import { isWithin } from './ignored.ts'

export interface ExtraFiles {
  /** What to watch: the base directory of each glob, and each path. */
  readonly bases: readonly string[]
  matches(path: string): boolean
  /** Whether matching files may be below the directory, or the directory is on the way to them. */
  mayContain(directory: string): boolean
}

export function extraFiles(patterns: readonly string[], directory: string): ExtraFiles {
  const all = patterns.map((pattern) => extraFile(resolve(directory, pattern)))
  return {
    bases: all.map(({ base }) => base),
    matches: (path) => all.some((each) => each.matches(path)),
    mayContain: (path) => all.some((each) => isWithin(path, each.base) || isWithin(each.base, path)),
  }
}

function extraFile(pattern: string): { readonly base: string; readonly matches: (path: string) => boolean } {
  const { base, isGlob } = picomatch.scan(pattern)
  if (isGlob) return { base, matches: picomatch(pattern, { dot: true }) }
  const isDirectory = statSync(pattern, { throwIfNoEntry: false })?.isDirectory() === true
  return { base: pattern, matches: (path) => (isDirectory ? isWithin(path, pattern) : path === pattern) }
}
