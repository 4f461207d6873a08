// Runs in the arbiter: the setting `reload_extra_files`, as paths and globs below a directory. Pure, except
// that a path may be a directory.

import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import picomatch from 'picomatch'
import { isWithin } from './ignored.ts'

export interface ExtraFiles {
  /** Where to look: each directory below which there may be such files, and each file named. */
  readonly bases: readonly string[]
  matches(path: string): boolean
  /** Whether there may be such files below it. */
  leadsTo(directory: string): boolean
}

export function extraFiles(patterns: readonly string[], directory: string): ExtraFiles {
  const all = patterns.map((pattern) => extraFile(resolve(directory, pattern)))
  return {
    bases: all.map(({ base }) => base),
    matches: (path) => all.some((each) => each.matches(path)),
    leadsTo: (path) => all.some((each) => isWithin(path, each.base) || isWithin(each.base, path)),
  }
}

function extraFile(pattern: string): { readonly base: string; readonly matches: (path: string) => boolean } {
  const { base, isGlob } = picomatch.scan(pattern)
  if (isGlob) return { base, matches: picomatch(pattern, { dot: true }) }
  const isDirectory = statSync(pattern, { throwIfNoEntry: false })?.isDirectory() === true
  return { base: pattern, matches: (path) => (isDirectory ? isWithin(path, pattern) : path === pattern) }
}
