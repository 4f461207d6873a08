// Runs in `tsgun build`: where the modules that a config names are in the build: local files are bundled,
// each at its place in the project; those of packages stay in their packages.

import { realpathSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { pathInApp } from './code/own-place.ts'
import type { EntryModule } from './entries.ts'
import { packageOf, type Package } from './packages/find.ts'

export interface EntryPlaces {
  /** The paths in the folder app/, by the files to bundle. */
  readonly entries: Map<string, string>
  /** The paths in the build, by the names in the config. */
  readonly modules: Readonly<Record<string, string>>
  readonly packages: readonly Package[]
}

export function entriesOf(found: readonly EntryModule[], root: string): EntryPlaces {
  const entries = new Map<string, string>()
  const modules: Record<string, string> = {}
  const packages: Package[] = []
  for (const { module, file } of found) {
    const real = realpathSync(file)
    const owner = packageOf(real)
    if (owner === undefined) {
      const path = entries.get(real) ?? freePath(pathInApp(real, root), [...entries.values()])
      entries.set(real, path)
      modules[module] = `app/${path}`
    } else {
      packages.push(owner)
      const inside = relative(owner.directory, real).split(sep).join('/')
      modules[module] = join('node_modules', owner.name, inside)
    }
  }
  return { entries, modules, packages }
}

/** Two files may differ in their extensions only; and the config has its own name. */
function freePath(path: string, taken: readonly string[]): string {
  const stem = path.replace(/\.[^./]+$/, '')
  for (let nr = 1; ; nr += 1) {
    const tried = `${stem}${nr === 1 ? '' : `-${nr}`}.mjs`
    if (!taken.includes(tried) && tried !== 'server.config.mjs') return tried
  }
}
