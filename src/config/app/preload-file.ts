// Runs in the arbiter, when a config is loaded: the file of the setting `preload`, so that all processes of a
// generation mean the same one.

import { realpathSync } from 'node:fs'
import { AppBootError } from './errors.ts'
import { resolveModule } from './resolve-module.ts'

export interface PreloadFile {
  /** Without symlinks. */
  readonly file: string | null
  /** A sentence. */
  readonly problem?: string
}

export function findPreloadFile(module: string | null, directory: string): PreloadFile {
  if (module === null) return { file: null }
  try {
    return { file: realpathSync(resolveModule(module, directory)) }
  } catch (error) {
    if (error instanceof AppBootError) return { file: null, problem: error.message }
    throw error
  }
}
