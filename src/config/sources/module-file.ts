// Runs in the arbiter, when a config is loaded: the file of a module of a service or a schedule.

import { realpathSync } from 'node:fs'
import { AppBootError } from '../app/errors.ts'
import { resolveModule, type AppFile } from '../app/resolve-module.ts'

export function moduleFile(module: string, base: string, onProblem: (message: string) => void): AppFile {
  try {
    const path = resolveModule(module, base)
    return { path, file: realpathSync(path) }
  } catch (error) {
    if (!(error instanceof AppBootError)) throw error
    onProblem(error.message)
    return { file: null, path: null }
  }
}
