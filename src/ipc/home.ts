// Where a tsgun is installed: the directory of its package, with the files that other processes start at. A
// master may start its workers from another copy than its own, of the same version. Arbiter and workers.

import { readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { hasCode } from '../os/error-code.ts'
import { ownPackage } from '../os/own-code.ts'
import { isObject } from '../os/type-checks.ts'

/** What is started there, as paths in the package. */
export const programs = {
  tsgun: 'bin/tsgun.js',
  worker: 'dist/worker/main.js',
  acme: 'dist/acme/main.js',
  bus: 'dist/bus/broker/main.js',
  intermediate: 'dist/os/process/spawn-intermediate.js',
} as const

export function programIn(home: string, program: keyof typeof programs): string {
  return join(home, programs[program])
}

/** The version of the tsgun in a directory as it is now; undefined when the directory has no tsgun. */
export function versionIn(home: string): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
    const isTsgun = isObject(manifest) && manifest['name'] === 'tsgun'
    return isTsgun && typeof manifest['version'] === 'string' ? manifest['version'] : undefined
  } catch (error) {
    if (hasCode(error, 'EMFILE', 'ENFILE')) throw error
    return undefined // removed, or half of it is written
  }
}

/** The version of this package, for every process that shows or compares it. */
export function ownVersion(): string {
  return versionIn(ownPackage) ?? 'unknown'
}

/**
 * The tsgun that a file in one of these directories would import, without symlinks in its path. Undefined
 * when none has one.
 */
export function findHome(directories: readonly string[]): string | undefined {
  for (const directory of directories) {
    const found = ancestorsOf(directory)
      .map((ancestor) => join(ancestor, 'node_modules', 'tsgun'))
      .find((home) => versionIn(home) !== undefined)
    if (found !== undefined) return realpathSync(found)
  }
  return undefined
}

/** The directory itself, its parent, and so on, without symlinks. */
function ancestorsOf(directory: string): string[] {
  const ancestors: string[] = []
  for (let next = withoutLinks(directory); ; next = dirname(next)) {
    ancestors.push(next)
    if (next === dirname(next)) return ancestors
  }
}

function withoutLinks(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path // it does not exist, so nothing is found there
  }
}
