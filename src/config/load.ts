// Runs in the arbiter, at the start and at each reload: from the command line, TSGUN_CMD_ARGS and the config
// file to checked settings and hooks. Nothing is bound or spawned here. All mistakes that can be found are
// thrown together, as one ConfigError.

import { existsSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Identity } from '../os/process/identity.ts'
import { findAppFile } from './app/resolve-module.ts'
import { checkTogether } from './check.ts'
import { findConfig } from './sources/find-config.ts'
import { createCommand, parseArguments, type Arguments } from './sources/flags.ts'
import { loadHookScript } from './hooks/scripts.ts'
import { durationsOf, type Durations } from './settings/durations.ts'
import { listOf } from './settings/list-of.ts'
import { hookNames, hookTable } from './hooks/table.ts'
import type { ModuleLoader } from '../modules/loader.ts'
import { ConfigError, type Problem } from './problems/problem.ts'
import { combineHooks, pickHooks, type HookSources } from './hooks/runner.ts'
import { resolveSettings, type Resolved } from './sources/resolve.ts'
import { splitWords } from './sources/split-words.ts'

export interface ConfigInput {
  /** The command line as it was given, without the program. */
  readonly arguments: Arguments
  readonly environment: NodeJS.ProcessEnv
  /** Where the command was given. A link in it is followed anew at each load. */
  readonly directory: string
  readonly loader: ModuleLoader
}

export interface LoadedConfig extends Resolved {
  /** The file that the config came from; null when there is none. */
  readonly file: string | null
  /** The same when it is code, and so may have hooks. */
  readonly codeFile: string | null
  readonly hookFiles: readonly string[]
  /**
   * `chdir`, absolute and without links: what `current` means now, and not when a worker is started later.
   */
  readonly directory: string
  /** The same of the app; null when it cannot be found. */
  readonly appFile: string | null
  readonly hooks: HookSources
  readonly durations: Durations
  readonly identity: Identity
  /** What is accepted but will not do what it seems to. */
  readonly warnings: readonly string[]
}

export async function loadConfig({
  arguments: given,
  environment,
  loader,
  ...input
}: ConfigInput): Promise<LoadedConfig> {
  const directory = withoutLinks(input.directory)
  const words = [...argumentsFromEnvironment(environment), given]
  const problems: Problem[] = words.flatMap((part) => part.problems)
  const named = words.findLast(({ configFile }) => configFile !== undefined)?.configFile
  const found = await findConfig({ named, directory, loader })
  if ('message' in found) throw new ConfigError([...problems, found])
  const sources = [found.source, ...words.map(({ source }) => source)].filter(
    (source) => source !== undefined,
  )
  const resolution = resolveSettings(sources, environment)
  const { settings, origins } = resolution
  const base = withoutLinks(resolve(directory, settings.chdir))
  const checks = checkTogether(resolution, base, problems.length > 0)
  const hookFiles = listOf(settings.hooks).map((file) => resolve(base, file))
  // A wrong `chdir` would make each script a mistake of its own.
  const scripts = checks.wrong.has('chdir')
    ? []
    : await Promise.all(hookFiles.map((file) => loadHookScript(file, loader)))
  problems.push(...resolution.problems, ...checks.problems, ...scripts.flatMap((script) => script.problems))
  if (problems.length > 0) throw new ConfigError(problems)
  const hooks = combineHooks([
    pickHooks(found.source?.values ?? {}, found.file ?? ''),
    ...scripts.map((script) => script.hooks),
  ])
  const { file, codeFile } = found
  return {
    settings,
    durations: durationsOf(settings),
    origins,
    file,
    codeFile,
    hookFiles,
    hooks,
    identity: checks.identity,
    warnings: pendingHooks(hooks),
    directory: base,
    appFile: findAppFile(settings.app ?? '', base),
  }
}

/** What is not there is told by whoever needs it. */
function withoutLinks(path: string): string {
  return existsSync(path) ? realpathSync(path) : path
}

/** What TSGUN_CMD_ARGS adds to the command line. */
export function argumentsFromEnvironment(environment: NodeJS.ProcessEnv): Arguments[] {
  const where = 'TSGUN_CMD_ARGS'
  const text = environment[where] ?? ''
  if (text.trim() === '') return []
  try {
    return [parseArguments(splitWords(text), where, createCommand().helpOption(false))]
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new ConfigError([{ where, name: '', message: error.message }], { cause: error })
  }
}

function pendingHooks(hooks: HookSources): string[] {
  return hookNames.flatMap((name) => {
    const row = hookTable[name]
    return hooks[name] && 'pending' in row
      ? [`the hook ${name} is never called: this version has no ${row.pending}`]
      : []
  })
}
