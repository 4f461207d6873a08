// Runs in `tsgun build`: copies packages as they are installed, with all that they need, to one folder
// node_modules: tsgun itself, and the packages that are not bundled.

import { cpSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { packagesFor, type Package } from './find.ts'

/** What no program reads while it runs. */
const unread = /\.(?:d\.[cm]?ts|map|md|markdown|flow|tsbuildinfo)$/i

/** A folder node_modules: the directory that each name in it was copied from. */
interface Level {
  readonly path: string
  readonly copied: Map<string, string>
  readonly above: Level | undefined
}

export interface CopiedPackage extends Package {
  /** The parts of the package that are copied; default: all. */
  readonly only?: readonly string[]
  /** Names of packages that are left out, with what only they need. */
  readonly without?: readonly string[]
}

/** `packages`: those at the top of the folder; what they need is there too, as far as it fits. */
export function copyPackages(target: string, packages: readonly CopiedPackage[]): void {
  const top: Level = {
    path: target,
    copied: new Map(packages.map(({ name, directory }) => [name, directory])),
    above: undefined,
  }
  for (const each of packages) copyTo(top, each, top)
}

function copyTo(level: Level, { name, directory, only, without = [] }: CopiedPackage, top: Level): void {
  const place = join(level.path, name)
  level.copied.set(name, directory)
  for (const part of only ?? ['.'])
    cpSync(join(directory, part), join(place, part), {
      recursive: true,
      dereference: true,
      filter: (path) => isRead(path, directory),
    })
  const below: Level = { path: join(place, 'node_modules'), copied: new Map(), above: level }
  for (const need of packagesFor(directory)) {
    const before = foundFrom(below, need.name)
    if (before === need.directory || without.includes(need.name)) continue
    copyTo(before === undefined ? top : below, { ...need, without }, top)
  }
}

/** What Node would find there. */
function foundFrom(level: Level | undefined, name: string): string | undefined {
  return level && (level.copied.get(name) ?? foundFrom(level.above, name))
}

function isRead(path: string, root: string): boolean {
  const inside = path.slice(root.length)
  if (inside.split(sep).includes('node_modules')) return false
  return !unread.test(path) || statSync(path).isDirectory()
}
