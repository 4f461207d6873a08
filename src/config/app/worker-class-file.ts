// Runs in the arbiter, when a config is loaded: the file of a worker class that the user has written, so that
// all workers of a generation load the same one.

import { realpathSync } from 'node:fs'
import { parseAppSetting } from './app-setting.ts'
import { AppBootError } from './errors.ts'
import { resolveModule } from './resolve-module.ts'
import { isClassName, unknownClass } from './worker-class-setting.ts'

export interface WorkerClassFile {
  /** Without symlinks; null for a class that tsgun has. */
  readonly file: string | null
  /** A sentence. */
  readonly problem?: string
}

/** `value`: a valid one of `worker_class`. `directory`: where relative paths start. */
export function findWorkerClass(value: string, directory: string): WorkerClassFile {
  if (isClassName(value)) return { file: null }
  const { module } = parseAppSetting(value)
  try {
    return { file: realpathSync(resolveModule(module, directory)) }
  } catch (error) {
    if (!(error instanceof AppBootError)) throw error
    const isWord = /^[\w-]+$/.test(module)
    return { file: null, problem: isWord ? unknownClass(module) : error.message }
  }
}
