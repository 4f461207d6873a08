// Runs at the beginning of a single executable: the directory of its files. Only root and the user of the
// process can write there, so that no other user can put code into the program.

import { existsSync, lstatSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { filesOfPack, listOfPack } from './pack.ts'

/** The operator chooses the directory below which the files are. */
export const directoryVariable = 'TSGUN_UNPACK_DIR'

/** Root's workers may have another user, who has to read the files, which the executable shows to all. */
const isRoot = process.geteuid?.() === 0
const mode = isRoot ? 0o755 : 0o700

/** In the order in which they are tried. */
export function bases(environment: NodeJS.ProcessEnv): readonly string[] {
  const { [directoryVariable]: given, XDG_CACHE_HOME: cache } = environment
  if (given !== undefined && given !== '') return [given]
  if (isRoot) return ['/var/cache', tmpdir()]
  return [...(cache === undefined || cache === '' ? [] : [cache]), ...homeCache(), tmpdir()]
}

function homeCache(): readonly string[] {
  try {
    return [join(homedir(), '.cache')]
  } catch {
    return [] // no HOME, and no entry in passwd(5)
  }
}

/** Returns the directory with all files. Throws an Error that names each place that was tried. */
export function unpacked(name: string, packed: () => Buffer, environment: NodeJS.ProcessEnv): string {
  const problems: string[] = []
  for (const base of bases(environment)) {
    const directory = join(base, name)
    try {
      if (!isWhole(directory, packed())) unpack(directory, packed())
      return directory
    } catch (error) {
      problems.push(`${directory}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  throw new Error(
    `the files of this program cannot be unpacked; set ${directoryVariable} to a directory that this user ` +
      `can write:\n  ${problems.join('\n  ')}`,
  )
}

/** Whether the directory is safe and has every file. Throws when it is there and is not safe. */
export function isWhole(directory: string, packed: Buffer): boolean {
  if (lstatSync(directory, { throwIfNoEntry: false }) === undefined) return false
  requireSafe(directory)
  return listOfPack(packed).every(
    ({ path, size }) => statSync(join(directory, path), { throwIfNoEntry: false })?.size === size,
  )
}

/** Throws an Error when another user could have written there. */
export function requireSafe(directory: string): void {
  const found = lstatSync(directory)
  const isOwn = found.uid === process.geteuid?.() || found.uid === 0
  if (!found.isDirectory() || !isOwn || (found.mode & 0o022) !== 0)
    throw new Error('it is not a directory that only this user can write; remove it')
}

function unpack(directory: string, packed: Buffer): void {
  makeDirectory(dirname(directory))
  const temporary = `${directory}.${process.pid}`
  rmSync(temporary, { recursive: true, force: true })
  mkdirSync(temporary, { mode })
  try {
    for (const { path, bytes } of filesOfPack(packed)) {
      mkdirSync(dirname(join(temporary, path)), { recursive: true, mode })
      writeFileSync(join(temporary, path), bytes, { mode: isRoot ? 0o644 : 0o600 })
    }
    replace(temporary, directory, packed)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** Node's own recursive mkdir does not end in a place such as /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return
  if (path !== dirname(path)) makeDirectory(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    if (!existsSync(path)) throw error // another process may have made it
  }
}

/** Another process may have done the same meanwhile; an incomplete directory is moved away. */
function replace(temporary: string, directory: string, packed: Buffer): void {
  try {
    renameSync(temporary, directory)
  } catch {
    if (isWhole(directory, packed)) return // ENOTEMPTY: it is there by now
    const old = `${directory}.old-${process.pid}`
    renameSync(directory, old)
    rmSync(old, { recursive: true, force: true })
    renameSync(temporary, directory)
  }
}
