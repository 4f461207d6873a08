// Runs in the arbiter, when a config is loaded: the modules of the setting `import`, which each worker loads
// before the config and the app. A path is resolved here, so that all workers of a generation load the same
// file; the name of a package by the worker, as `import` resolves it.

import { realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { resolveModule } from './resolve-module.ts'
import { AppBootError } from './errors.ts'

export interface Preload {
  /** As it is written in the config. */
  readonly specifier: string
  /** Without symlinks; null for the name of a package. */
  readonly file: string | null
}

export interface Preloads {
  readonly modules: readonly Preload[]
  /** One sentence each. */
  readonly problems: readonly string[]
}

export function findPreloads(specifiers: readonly string[], directory: string): Preloads {
  const found = specifiers.map((specifier) => findPreload(specifier, directory))
  return {
    modules: found.filter((each) => typeof each !== 'string'),
    problems: found.filter((each) => typeof each === 'string'),
  }
}

function findPreload(specifier: string, directory: string): Preload | string {
  const isPath = /^\.{0,2}\//.test(specifier) || isFile(resolve(directory, specifier))
  if (!isPath) return { specifier, file: null }
  try {
    return { specifier, file: realpathSync(resolveModule(specifier, directory)) }
  } catch (error) {
    if (error instanceof AppBootError) return error.message
    throw error
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}
