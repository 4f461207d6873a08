// Runs in `tsgun build`: files and folders of `--include`, which lie in the build as they do in the project.

import { cpSync, existsSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { BuildError } from './problems/build-error.ts'

/** Absolute. Throws a BuildError for a path that is not in the project. */
export function includedPaths(paths: readonly string[], root: string): readonly string[] {
  return paths.map((path) => {
    const found = resolve(root, path)
    const inside = relative(root, found)
    if (inside === '' || inside.startsWith('..') || isAbsolute(inside))
      throw new BuildError(`--include ${path}: expected a path below ${root}`)
    if (!existsSync(found)) throw new BuildError(`--include ${path}: there is no such file or folder`)
    return found
  })
}

export function copyIncluded(path: string, root: string, target: string): void {
  cpSync(path, join(target, relative(root, path)), { recursive: true, dereference: true })
}
