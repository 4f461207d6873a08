// Arbiter and workers, main and hook thread. The store directory of a generation: the compiled TypeScript,
// the plain files that the arbiter loaded, and the target of each of their imports. Modules in the store are
// used even if the files on disk have changed.
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  readdirSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { readPack, unwritable, writePack, type Pack, type Resolutions, type StoredModule } from './pack.ts'
import { isCompiled } from './paths.ts'

export interface Store {
  readonly directory: string
  /**
   * Returns the stored module of a file, also if another process has stored it after this one opened the
   * store.
   */
  find(path: string): StoredModule | undefined
  /** Returns the recorded target of a specifier in a file. */
  resolution(parent: string, specifier: string): string | undefined
  save(module: StoredModule): void
  saveResolution(parent: string, specifier: string, path: string): void
  /** Stores many modules and resolutions in one file, whose name is derived from `about`. */
  savePack(about: string, modules: readonly StoredModule[], resolutions: Resolutions): void
  /** The plain JavaScript and JSON files that the arbiter loaded. */
  plainModules(): readonly StoredModule[]
  hasTypeScript(): boolean
  /** The paths of all stored modules and of all recorded import targets. */
  paths(): readonly string[]
}

// The name of a file in the store is its type and a hash of the path or import it is for.
const NAMES = { pack: 'pack', compiled: 'ts', plain: 'js', resolution: 'to' } as const
const MARK = 'generation'

/** Creates a store in an existing, empty directory. */
export function createStore(directory: string): Store {
  const mark = join(directory, MARK)
  try {
    writeFileSync(mark, '', { mode: 0o600 })
  } catch (error) {
    throw unwritable(mark, error)
  }
  return openStore(directory)
}

/**
 * Opens the store that the arbiter created. Throws if it no longer exists: a worker must not run code of
 * another generation.
 */
export function openStore(directory: string): Store {
  if (!existsSync(join(directory, MARK))) {
    throw new Error(
      `the module store ${directory} no longer exists (was the temporary directory cleaned?): reload the ` +
        'server to create a new one',
    )
  }
  return storeOf(directory, readdirSync(directory))
}

/**
 * Opens a store in a thread or process that an app has started. It may outlive the generation, or run as
 * another user: then it compiles what it loads by itself.
 */
export function openInheritedStore(directory: string): Store {
  const orNone = <Found>(find: () => Found): Found | undefined => {
    try {
      return find()
    } catch {
      return undefined // the store was removed
    }
  }
  const store = orNone(() => openStore(directory)) ?? storeOf(directory, [])
  return {
    ...store,
    find: (path) => orNone(() => store.find(path)),
    resolution: (parent, specifier) => orNone(() => store.resolution(parent, specifier)),
  }
}

/**
 * Lets the group of the workers read the store of a arbiter that runs as root, including files written later
 * (inode(7): a file in a setgid directory gets the group of the directory). Only the arbiter may write,
 * because it runs code from the store.
 */
export function shareStore(directory: string, gid: number): void {
  for (const path of readdirSync(directory).map((name) => join(directory, name))) {
    chownSync(path, -1, gid)
    chmodSync(path, 0o640)
  }
  chownSync(directory, -1, gid)
  chmodSync(directory, 0o2750)
}

/** Throws if this process, after changing its user, cannot read the store. */
export function checkAccess(directory: string): void {
  try {
    accessSync(join(directory, MARK), constants.R_OK)
  } catch (error) {
    throw new Error(
      `the workers' user cannot read the compiled code in ${directory}: set TMPDIR to a directory that ` +
        'this user can enter',
      { cause: error },
    )
  }
}

/**
 * Updates the times of the files in a store, because systemd-tmpfiles removes files older than 10 days from
 * /tmp (tmpfiles.d(5)).
 */
export function touchStore(directory: string): void {
  const now = new Date()
  for (const name of readdirSync(directory)) utimesSync(join(directory, name), now, now)
  utimesSync(directory, now, now)
}

// Modules that the arbiter has run (`own`, `known`) take precedence over a pack: a file may have been edited
// before the pack was created.
function storeOf(directory: string, names: readonly string[]): Store {
  const known = new Set(names)
  const own = new Map<string, StoredModule>()
  const ownResolutions = new Map<string, string>()
  const packs = names.filter((name) => isA('pack', name)).map((name) => readPack(join(directory, name)))
  const read = (name: string): Pack => readPack(join(directory, name))
  const stored = (name: string, path: string): StoredModule | undefined => read(name).modules.get(path)?.()
  // Most stores have one pack only, and then no import needs a hash.
  const hasSingles = names.some((name) => isA('compiled', name) || isA('plain', name))
  const hasResolutions = names.some((name) => isA('resolution', name))
  return {
    directory,
    find(path) {
      if (own.has(path)) return own.get(path)
      if (hasSingles && known.has(moduleName(path))) return stored(moduleName(path), path)
      const packed = firstOf(packs, (pack) => pack.modules.get(path))
      if (packed !== undefined) return packed()
      const name = moduleName(path)
      return existsSync(join(directory, name)) ? stored(name, path) : undefined
    },
    resolution(parent, specifier) {
      const key = `${parent}\0${specifier}`
      const own = ownResolutions.get(key)
      if (own !== undefined) return own
      const name = hasResolutions ? nameOf('resolution', key) : ''
      if (known.has(name)) return read(name).resolution(parent, specifier)
      return firstOf(packs, (pack) => pack.resolution(parent, specifier))
    },
    save(module) {
      own.set(module.path, module)
      writePack(join(directory, moduleName(module.path)), [module], {})
    },
    saveResolution(parent, specifier, path) {
      const key = `${parent}\0${specifier}`
      if (ownResolutions.get(key) === path) return
      ownResolutions.set(key, path)
      writePack(join(directory, nameOf('resolution', key)), [], { [parent]: { [specifier]: path } })
    },
    savePack(about, modules, resolutions) {
      const name = nameOf('pack', about)
      writePack(join(directory, name), modules, resolutions)
      packs.push(read(name))
    },
    plainModules: () =>
      names
        .filter((name) => isA('plain', name))
        .flatMap((name) => [...read(name).modules.values()].map((get) => get())),
    hasTypeScript: () => names.some((name) => isA('compiled', name) || isA('pack', name)),
    paths: () => [...new Set(names.filter(isPack).flatMap((name) => read(name).paths()))],
  }
}

function moduleName(path: string): string {
  return nameOf(isCompiled(path) ? 'compiled' : 'plain', path)
}

function nameOf(type: keyof typeof NAMES, about: string): string {
  // Not imported above: it costs some milliseconds at the start of each worker, and a store with one pack
  // does not need it.
  const { createHash } = process.getBuiltinModule('node:crypto')
  return `${NAMES[type]}-${createHash('sha256').update(about).digest('hex').slice(0, 32)}`
}

// A name with a dot is a temporary file of an unfinished write, possibly of a killed process.
function isA(type: keyof typeof NAMES, name: string): boolean {
  return name.startsWith(`${NAMES[type]}-`) && !name.includes('.')
}

function isPack(name: string): boolean {
  return name !== MARK && !name.includes('.')
}

function firstOf<Item, Found>(
  items: readonly Item[],
  find: (item: Item) => Found | undefined,
): Found | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
