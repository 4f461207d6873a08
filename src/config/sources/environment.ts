// Runs in the arbiter, when a config is loaded: the variables that the config gives to its workers, from
// `env` and `env_file`, and the settings whose defaults follow them. `PORT=3000` in a file means what it
// means in the environment of the master.

import { existsSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Problem } from '../problems/problem.ts'
import { listOf } from '../settings/list-of.ts'
import { readEnvironmentFiles } from './env-files.ts'
import { environmentSource, resolveSettings, type Resolution, type Source } from './resolve.ts'

export interface InEnvironment {
  readonly resolution: Resolution
  /** `chdir`, absolute and without symlinks. */
  readonly base: string
  /** The files of `env_file`, absolute. */
  readonly envFiles: readonly string[]
  readonly fileVariables: Readonly<Record<string, string>>
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
}

/** `directory`: where a relative `chdir` starts. `environment`: of the master, which wins over the files. */
export function resolveInEnvironment(
  sources: readonly Source[],
  environment: NodeJS.ProcessEnv,
  directory: string,
): InEnvironment {
  const first = resolveSettings(sources, environment)
  const { settings, origins, written } = first
  const base = withoutLinks(resolve(directory, settings.chdir))
  const envFiles = listOf(settings.env_file).map((file) => resolve(base, file))
  // With a wrong `chdir` each file would be reported too.
  const read = readEnvironmentFiles(existsSync(base) ? envFiles : [])
  const isSet = (name: string): boolean => environment[name] !== undefined
  const unset = Object.fromEntries(Object.entries(read.variables).filter(([name]) => !isSet(name)))
  const defaults = [environmentSource(unset, 'env_file'), environmentSource(settings.env, 'env')]
  const matters = defaults.some(({ values }) => Object.keys(values).length > 0)
  return {
    resolution: matters ? resolveSettings([...defaults, ...sources], environment) : first,
    base,
    envFiles,
    fileVariables: read.variables,
    problems: read.problems.map((message) => ({ where: origins.env_file, name: written.env_file, message })),
    warnings: read.warnings,
  }
}

/** A path that does not exist is returned as it is; its user reports it. */
export function withoutLinks(path: string): string {
  return existsSync(path) ? realpathSync(path) : path
}
