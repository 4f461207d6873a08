// Arbiter and workers, main and hook thread. The files of one generation's store directory: the compiled
// TypeScript, the plain files that the arbiter loaded, and what each import of them means. What a store holds
// counts; the disk outside it does not.
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
import { readPack, writePack, type Pack, type Resolutions, type StoredModule } from './pack.ts'
import { isCompiled } from './paths.ts'

export interface Store {
  readonly directory: string
  /** The stored module of a file, also one that another process stored meanwhile. */
  find(path: string): StoredModule | undefined
  /** The file that a specifier in a file meant when the store was made. */
  resolution(parent: string, specifier: string): string | undefined
  save(module: StoredModule): void
  saveResolution(parent: string, specifier: string, path: string): void
  /** Stores what one look at many files found, as one file that `about` names. */
  savePack(about: string, modules: readonly StoredModule[], resolutions: Resolutions): void
  /** The plain JavaScript and JSON files that the arbiter loaded. */
  plainModules(): readonly StoredModule[]
  hasTypeScript(): boolean
  /** Every file that is in the store, or that an import of a file meant. */
  paths(): readonly string[]
}

// One file of a store is named by what it holds, then by a hash of what it is about.
const NAMES = { pack: 'pack', compiled: 'ts', plain: 'js', resolution: 'to' } as const
const MARK = 'generation'

/** Makes an existing empty directory a store. */
export function createStore(directory: string): Store {
  writeFileSync(join(directory, MARK), '', { mode: 0o600 })
  return openStore(directory)
}

/**
 * Opens the store that the arbiter made. Throws when it is gone: a worker must not run other code than its
 * generation's.
 */
export function openStore(directory: string): Store {
  if (!existsSync(join(directory, MARK))) {
    throw new Error(
      `the module store ${directory} is gone (was the temporary directory cleaned?); reload the server ` +
        'to make a new one',
    )
  }
  return storeOf(directory, readdirSync(directory))
}

/**
 * Lets the workers' group read a store of a master that runs as root, now and whatever is written later
 * (inode(7): a file in a setgid directory has the directory's group). Nobody but the master may write: it
 * runs what it finds there itself.
 */
export function shareStore(directory: string, gid: number): void {
  for (const path of readdirSync(directory).map((name) => join(directory, name))) {
    chownSync(path, -1, gid)
    chmodSync(path, 0o640)
  }
  chownSync(directory, -1, gid)
  chmodSync(directory, 0o2750)
}

/** Throws when this process, which has become another user, cannot read the store. */
export function checkAccess(directory: string): void {
  try {
    accessSync(join(directory, MARK), constants.R_OK)
  } catch (error) {
    throw new Error(
      `the workers' user cannot read the compiled code in ${directory}: TMPDIR has to be a directory ` +
        'it may enter',
      {
        cause: error,
      },
    )
  }
}

/**
 * Renews the times of a store's files, since systemd-tmpfiles removes what is older than 10 days from /tmp
 * (tmpfiles.d(5)).
 */
export function touchStore(directory: string): void {
  const now = new Date()
  for (const name of readdirSync(directory)) utimesSync(join(directory, name), now, now)
  utimesSync(directory, now, now)
}

// What the arbiter ran itself (`own`, `known`) comes before a pack: the file may have been edited before the
// pack was made.
function storeOf(directory: string, names: readonly string[]): Store {
  const known = new Set(names)
  const own = new Map<string, StoredModule>()
  const ownResolutions = new Map<string, string>()
  const packs = names.filter((name) => isA('pack', name)).map((name) => readPack(join(directory, name)))
  const read = (name: string): Pack => readPack(join(directory, name))
  const stored = (name: string, path: string): StoredModule | undefined => read(name).modules.get(path)?.()
  // Most stores of an app are one pack, and then nothing has to be hashed for each import.
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
  // Not imported above: it costs each worker's start some milliseconds, and a store that is one pack needs no
  // name.
  const { createHash } = process.getBuiltinModule('node:crypto')
  return `${NAMES[type]}-${createHash('sha256').update(about).digest('hex').slice(0, 32)}`
}

// A name with a dot is the temporary file of a write that goes on, or of a process that was killed at it.
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
