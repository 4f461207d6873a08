// Runs in `tsgun init` and `tsgun migrate`: the files of the user's project, read when they are asked for.
// Nothing of the project is executed.

import { readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parsePackage, type PackageFacts } from './package-facts.ts'

export interface Project {
  readonly directory: string
  /** Undefined without a package.json. */
  readonly package: PackageFacts | undefined
  /** Whether a path in the project, or in a directory above it, is a regular file. */
  isFile(path: string): boolean
  isDirectory(path: string): boolean
  /** Undefined when there is no such file. Only its beginning, if it is big. */
  read(path: string): string | undefined
  /** Whether `import 'name'` finds the package from here. */
  hasInstalled(name: string): boolean
}

/** Characters of a file that are searched for what init wants to know. */
const longestRead = 1_000_000

/** Throws a SyntaxError that names the file when package.json is not JSON. */
export function openProject(directory: string): Project {
  const read = (path: string): string | undefined =>
    isFile(path) ? readFileSync(join(directory, path), 'utf8').slice(0, longestRead) : undefined
  const stat = (path: string): ReturnType<typeof statSync> | undefined =>
    statSync(join(directory, path), { throwIfNoEntry: false })
  const isFile = (path: string): boolean => stat(path)?.isFile() ?? false
  const text = read('package.json')
  return {
    directory,
    package: text === undefined ? undefined : parsePackage(text, join(directory, 'package.json')),
    isFile,
    isDirectory: (path) => stat(path)?.isDirectory() ?? false,
    read,
    hasInstalled: (name) => isResolved(name, directory),
  }
}

function isResolved(name: string, directory: string): boolean {
  try {
    createRequire(join(directory, 'package.json')).resolve(`${name}/package.json`)
    return true
  } catch {
    return false // MODULE_NOT_FOUND
  }
}
