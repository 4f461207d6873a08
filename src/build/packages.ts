// Runs in `tsgun build`: packages that are copied as they are installed, with those that they need: tsgun
// itself, and those with native addons, which look for their files by themselves.

import { cpSync, existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { isObject } from '../os/type-checks.ts'

interface Manifest {
  readonly name: string
  /** Without those that are not installed and need not be. */
  readonly needs: readonly string[]
  readonly optional: readonly string[]
}

export function manifestOf(directory: string): Manifest {
  const found: unknown = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  const fields = isObject(found) ? found : {}
  const names = (field: string): readonly string[] => {
    const value = fields[field]
    return isObject(value) ? Object.keys(value) : []
  }
  const name = typeof fields['name'] === 'string' ? fields['name'] : basename(directory)
  return { name, needs: names('dependencies'), optional: names('optionalDependencies') }
}

/** The directory of a package as a file in `from` would import it; undefined when it is not installed. */
export function findPackage(name: string, from: string): string | undefined {
  for (let directory = from; ; directory = dirname(directory)) {
    const found = join(directory, 'node_modules', name)
    if (existsSync(join(found, 'package.json'))) return realpathSync(found)
    if (directory === dirname(directory)) return undefined
  }
}

/** The directory and the name of the package that a file belongs to; undefined for a file of none. */
export function packageOf(file: string): { readonly name: string; readonly directory: string } | undefined {
  const mark = `${sep}node_modules${sep}`
  const at = file.lastIndexOf(mark)
  if (at === -1) return undefined
  const [scope = '', name = ''] = file.slice(at + mark.length).split(sep)
  const whole = scope.startsWith('@') ? join(scope, name) : scope
  return { name: whole, directory: file.slice(0, at + mark.length) + whole }
}

/** Whether a package, or one of its optional packages for this platform, has a native addon. */
export function hasAddon(directory: string): boolean {
  if (hasFile(directory, (name) => name.endsWith('.node'))) return true
  return manifestOf(directory).optional.some((name) => {
    const found = findPackage(name, directory)
    return found !== undefined && hasFile(found, (file) => file.endsWith('.node'))
  })
}

function hasFile(directory: string, matches: (name: string) => boolean): boolean {
  return readdirSync(directory, { withFileTypes: true }).some((entry) => {
    if (entry.isDirectory())
      return entry.name !== 'node_modules' && hasFile(join(directory, entry.name), matches)
    return matches(entry.name)
  })
}

/** What no program reads while it runs. */
const unread = /\.(?:d\.[cm]?ts|map|md|markdown|flow|tsbuildinfo)$/i

/** Copies packages with all that they need into a folder node_modules. */
export class PackageCopier {
  readonly #target: string
  readonly #without: readonly string[]
  /** The directory that each name in the target was copied from. */
  readonly #copied = new Map<string, string>()

  /** `without`: names of packages that are left out. */
  constructor(target: string, without: readonly string[]) {
    this.#target = target
    this.#without = without
  }

  get names(): readonly string[] {
    return [...this.#copied.keys()]
  }

  /** `only`: the parts of the package that are copied; default: all. */
  copy(directory: string, only?: readonly string[]): void {
    this.#copyTo(directory, this.#target, only)
  }

  #copyTo(directory: string, target: string, only?: readonly string[]): void {
    const { name, needs, optional } = manifestOf(directory)
    const place = join(target, name)
    if (target === this.#target) this.#copied.set(name, directory)
    for (const part of only ?? ['.'])
      cpSync(join(directory, part), join(place, part), {
        recursive: true,
        dereference: true,
        filter: (path) => isRead(path, directory),
      })
    for (const need of [...needs, ...optional]) {
      if (this.#without.includes(need)) continue
      const found = findPackage(need, directory)
      if (found === undefined) continue // optional, or another platform's
      const before = this.#copied.get(need)
      if (before === found) continue
      this.#copyTo(found, before === undefined ? this.#target : join(place, 'node_modules'))
    }
  }
}

function isRead(path: string, root: string): boolean {
  const inside = path.slice(root.length)
  if (inside.split(sep).includes('node_modules')) return false
  return !unread.test(path) || statSync(path).isDirectory()
}
