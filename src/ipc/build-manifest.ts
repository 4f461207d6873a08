// What `tsgun build` writes for the program that it makes, and that program reads. Both are of one version.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BuiltProgram } from '../config/sources/built-program.ts'

export interface BuildManifest {
  readonly version: string
  /** Paths in the build. */
  readonly config: string
  readonly modules: Readonly<Record<string, string>>
}

export const manifestName = 'tsgun-build.json'

/** `place`: see BuiltProgram. */
export function readBuild(directory: string, place: string): BuiltProgram {
  // written by `tsgun build` of this version
  const { config, modules } = JSON.parse(readFileSync(join(directory, manifestName), 'utf8')) as BuildManifest
  return {
    directory,
    place,
    config: join(directory, config),
    modules: Object.fromEntries(
      Object.entries(modules).map(([module, file]) => [module, join(directory, file)]),
    ),
  }
}
