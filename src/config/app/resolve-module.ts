// Finds the file that the module part of the `app` setting means. Runs in a worker, before the app is
// imported.

import { readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { didYouMean } from '../problems/did-you-mean.ts'
import { AppBootError } from './errors.ts'

// The order in which Node's users would look: the source before what may have been built from it.
const extensions = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'] as const

/** The absolute path of the module; throws AppBootError with all that was tried. */
export function resolveModule(module: string, directory: string): string {
  const path = resolve(directory, module)
  const candidates = [path, ...extensions.map((extension) => path + extension)]
  const file = candidates.find(isFile) ?? findPackage(module, directory)
  if (file !== undefined) return file
  throw new AppBootError(notFound(module, path))
}

/** A package, or a folder with a package.json or an index.js, by the rules of `require`. */
function findPackage(module: string, directory: string): string | undefined {
  try {
    const file = createRequire(join(resolve(directory), 'noop.js')).resolve(module)
    return isFile(file) ? file : undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined
    throw new AppBootError(`cannot resolve the module "${module}" from ${directory}`, { cause: error })
  }
}

function notFound(module: string, path: string): string {
  const isPath = /^\.{0,2}\//.test(module)
  const tried =
    `tried ${path}, the same with ` + `${extensions.join(', ')}${isPath ? '' : `, and a package "${module}"`}`
  const near = nearFile(path)
  return `no module "${module}": ${tried}${near === undefined ? '' : `; did you mean ${near}?`}`
}

/** A file beside the one that is missing: the same name with another extension first, else a similar name. */
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
    // Only for a hint in a message: a folder that cannot be read offers none.
    return []
  }
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true
