// Finds the file of the `app` setting: in the arbiter when a config is loaded, so that all workers of a
// generation load the same file even if a symlink changes later, and in a worker before it imports the app.

import { readdirSync, realpathSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { didYouMean } from '../problems/did-you-mean.ts'
import { hasCode } from '../../os/error-code.ts'
import { parseAppSetting } from './app-setting.ts'
import { AppBootError } from './errors.ts'

// TypeScript sources before the files that may have been built from them.
const extensions = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'] as const

/** The file of an app, or null twice when it cannot be found; the worker that loads it reports why. */
export interface AppFile {
  /** As it is written, but absolute: what process.argv[1] is under `node`. */
  readonly path: string | null
  /** Without symlinks. */
  readonly file: string | null
}

/** Finds the file of the `app` setting. */
export function findAppFile(app: string, directory: string): AppFile {
  try {
    const path = resolveModule(parseAppSetting(app).module, directory)
    return { path, file: realpathSync(path) }
  } catch {
    return { path: null, file: null } // the worker gets the same error and reports it
  }
}

/** Returns the absolute path of the module. Throws an AppBootError that lists the paths that were tried. */
export function resolveModule(module: string, directory: string): string {
  const path = resolve(directory, module)
  const candidates = [path, ...extensions.map((extension) => path + extension)]
  const file = candidates.find(isFile) ?? findPackage(module, directory)
  if (file !== undefined) return file
  throw new AppBootError(notFound(module, path))
}

/** A package, or a folder with a package.json or an index.js, resolved by `require`. */
function findPackage(module: string, directory: string): string | undefined {
  try {
    const file = createRequire(join(resolve(directory), 'noop.js')).resolve(module)
    return isFile(file) ? file : undefined
  } catch (error) {
    if (hasCode(error, 'MODULE_NOT_FOUND')) return undefined
    throw new AppBootError(`cannot resolve module "${module}" from ${directory}`, { cause: error })
  }
}

function notFound(module: string, path: string): string {
  const isPath = /^\.{0,2}\//.test(module)
  const package_ = isPath ? '' : `, and the package "${module}"`
  const near = nearFile(path)
  const remedy = near === undefined ? '' : `; did you mean ${near}?`
  return `cannot find module "${module}": tried ${path}, with ${extensions.join(', ')}${package_}${remedy}`
}

/** A file next to the missing one: the same name with another extension, or a similar name. */
function nearFile(path: string): string | undefined {
  const folder = dirname(path)
  const files = filesOf(folder).filter((name) => extensions.some((extension) => name.endsWith(extension)))
  const stem = withoutExtension(basename(path))
  const near =
    files.find((name) => withoutExtension(name) === stem) ??
    didYouMean(basename(path), files) ??
    similarStem(stem, files)
  return near === undefined ? undefined : join(folder, near)
}

function similarStem(stem: string, files: readonly string[]): string | undefined {
  const meant = didYouMean(stem, files.map(withoutExtension))
  return files.find((name) => withoutExtension(name) === meant)
}

const withoutExtension = (name: string): string => basename(name, extname(name))

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // used for a hint only
  }
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true
