// Runs in `tsgun build`: where packages are, and what they say of themselves.

import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { isObject } from '../../os/type-checks.ts'

export interface Package {
  readonly name: string
  /** Without symlinks. */
  readonly directory: string
}

interface Manifest {
  readonly name: string
  /** Names of packages: some may not be installed. */
  readonly needs: readonly string[]
  readonly optional: readonly string[]
  /** Those that it can do without, and does not bring. */
  readonly optionalPeers: readonly string[]
}

export function manifestOf(directory: string): Manifest {
  const found: unknown = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  const fields = isObject(found) ? found : {}
  const names = (field: string): readonly string[] => {
    const value = fields[field]
    return isObject(value) ? Object.keys(value) : []
  }
  return {
    name: typeof fields['name'] === 'string' ? fields['name'] : basename(directory),
    needs: [...new Set([...names('dependencies'), ...names('peerDependencies')])],
    optional: names('optionalDependencies'),
    optionalPeers: names('peerDependenciesMeta'),
  }
}

/** The package as a file in `from` would import it; undefined when it is not installed. */
export function findPackage(name: string, from: string): Package | undefined {
  for (let directory = from; ; directory = dirname(directory)) {
    const found = join(directory, 'node_modules', name)
    if (existsSync(join(found, 'package.json'))) return { name, directory: realpathSync(found) }
    if (directory === dirname(directory)) return undefined
  }
}

/** For developers: packages that compile name them as peers. */
const tool = /^(?:typescript$|@types\/)/

/** Those that a package needs, as far as they are installed. */
export function packagesFor(directory: string): readonly Package[] {
  const { needs, optional } = manifestOf(directory)
  return [...needs, ...optional]
    .filter((name) => !tool.test(name))
    .flatMap((name) => findPackage(name, directory) ?? [])
}

/** The package that a file belongs to; undefined for a file of none. */
export function packageOf(file: string): Package | undefined {
  const mark = `${sep}node_modules${sep}`
  const at = file.lastIndexOf(mark)
  if (at === -1) return undefined
  const [scope = '', name = ''] = file.slice(at + mark.length).split(sep)
  const whole = scope.startsWith('@') ? join(scope, name) : scope
  return { name: whole, directory: file.slice(0, at + mark.length) + whole }
}

/** The name of the package in an import. */
export function nameIn(specifier: string): string {
  const [scope = '', name = ''] = specifier.split('/')
  return scope.startsWith('@') ? `${scope}/${name}` : scope
}

/** Whether a package, or one of its optional packages for this platform, has a native addon. */
export function hasAddon(directory: string): boolean {
  if (hasFile(directory, isAddon)) return true
  return manifestOf(directory).optional.some((name) => {
    const found = findPackage(name, directory)
    return found !== undefined && hasFile(found.directory, isAddon)
  })
}

/** A package whose addon was not compiled, and has none for this platform. */
export function lacksAddon(directory: string): boolean {
  return existsSync(join(directory, 'binding.gyp')) && !hasAddon(directory)
}

function isAddon(name: string): boolean {
  return name.endsWith('.node')
}

function hasFile(directory: string, matches: (name: string) => boolean): boolean {
  return readdirSync(directory, { withFileTypes: true }).some((entry) => {
    if (entry.isDirectory())
      return entry.name !== 'node_modules' && hasFile(join(directory, entry.name), matches)
    return matches(entry.name)
  })
}
