// Runs in the arbiter, at the start and at each reload: turns the command line, TSGUN_CMD_ARGS and the config
// file into checked settings and hooks. Binds and starts nothing. Throws one ConfigError with all problems.

import { resolve } from 'node:path'
import type { Identity } from '../os/process/identity.ts'
import type { Preload } from './app/preloads.ts'
import { findSchedules } from './schedules.ts'
import { findServices, type ServiceParts } from './services.ts'
import type { ServicePlan } from './sources/service-plans.ts'
import type { TaskPlan } from './sources/task-pools.ts'
import { appProblem } from './app/app-problem.ts'
import { baseInBuild, inBuild, type BuiltProgram } from './sources/built-program.ts'
import { findAppFile } from './app/resolve-module.ts'
import { checkTogether } from './check.ts'
import { findConfig, type Search } from './sources/find-config.ts'
import { createCommand, parseArguments, type Arguments } from './sources/flags.ts'
import { loadHookScript, type HookScript } from './hooks/scripts.ts'
import { withAbsolutePaths, withAbsoluteSockets } from './settings/absolute-paths.ts'
import { durationsOf, type Durations } from './settings/durations.ts'
import { listOf } from './settings/list-of.ts'
import type { ModuleLoader } from '../modules/loader.ts'
import { withHints } from './problems/hints.ts'
import { ConfigError, type Problem } from './problems/problem.ts'
import { combineHooks, pickHooks, type HookSources } from './hooks/runner.ts'
import { programConfig, programProblems, programSource } from './sources/program-config.ts'
import { resolveInEnvironment, withoutLinks, type InEnvironment } from './sources/environment.ts'
import { resolveSettings, type Resolution, type Resolved } from './sources/resolve.ts'
import type { Settings } from './settings/table.ts'
import type { NodeFlags } from './sources/node-args.ts'
import { readWorkerBeginning, type Beginning } from './sources/worker-start.ts'
import { splitWords } from './sources/split-words.ts'

export interface ConfigInput {
  /** The parsed command line. */
  readonly arguments: Arguments
  readonly environment: NodeJS.ProcessEnv
  /** The flags of Node.js that this process was started with. */
  readonly execArgv: readonly string[]
  /** The directory of the command. Symlinks in it are followed at each load. */
  readonly directory: string
  readonly loader: ModuleLoader
  /** The arbiter is a program with code of its own. */
  readonly program?: ProgramInput | undefined
  /** This program was made by `tsgun build`. */
  readonly built?: BuiltProgram | undefined
}

export interface ProgramInput {
  /** Returns the config, as a config file exports it; undefined to load a file. */
  readonly config: () => unknown
}

export interface LoadedConfig extends Resolved {
  /** The config file; null without one. */
  readonly file: string | null
  /** The config file if it is code, which may have hooks. */
  readonly codeFile: string | null
  readonly hookFiles: readonly string[]
  /** The files of `env_file`, absolute, and the variables in them; of several files the last one wins. */
  readonly envFiles: readonly string[]
  readonly fileVariables: Readonly<Record<string, string>>
  /**
   * `chdir`, absolute and without symlinks: workers that start later use the directory that a link such as
   * `current` points to now.
   */
  readonly directory: string
  /** Of each worker. */
  readonly nodeFlags: NodeFlags
  readonly preloads: readonly Preload[]
  /** The task pools of the setting `tasks`. */
  readonly tasks: readonly TaskPlan[]
  /** Those of the setting `services`, without the app of the server. */
  readonly services: readonly ServicePlan[]
  /** Those of the setting `schedules`. */
  readonly schedules: readonly ServicePlan[]
  /** The file of the setting `preload`, without symlinks; null without it. */
  readonly preloadFile: string | null
  /** The file of a worker class of the user, without symlinks; null for one that tsgun has. */
  readonly classFile: string | null
  /** The file of the app without symlinks; null when it cannot be found. */
  readonly appFile: string | null
  /** The same file as it is written, absolute: process.argv[1] of the workers. */
  readonly appPath: string | null
  readonly hooks: HookSources
  readonly durations: Durations
  readonly identity: Identity
  /** About what is accepted but has no effect. */
  readonly warnings: readonly string[]
}

/** Rejects with one ConfigError for all problems of the command line, the config file and hook scripts. */
export async function loadConfig({
  arguments: given,
  environment,
  loader,
  execArgv,
  ...input
}: ConfigInput): Promise<LoadedConfig> {
  const directory = withoutLinks(input.directory)
  const argumentLists = [...argumentsFromEnvironment(environment), given]
  const problems: Problem[] = argumentLists.flatMap((part) => part.problems)
  const named =
    argumentLists.findLast(({ configFile }) => configFile !== undefined)?.configFile ?? input.built?.config
  const found = await findOrTake(input.program, { named, directory, loader })
  if ('message' in found) throw new ConfigError(await withHints([...problems, found]))
  const ofArguments = argumentLists.map(({ source }) => source)
  const sources = found.source === undefined ? ofArguments : [found.source, ...ofArguments]
  const inEnvironment = resolveInEnvironment(sources, environment, directory)
  const { envFiles, fileVariables, ...inFiles } = inEnvironment
  const { settings, origins } = inEnvironment.resolution
  const { resolution, base } = placed(inEnvironment, input.built)
  const place = found.source?.where ?? null
  const context = { file: place, directory, argumentsUnclear: problems.length > 0 }
  const checks = checkTogether(resolution, base, context)
  const hookFiles = listOf(resolution.settings.hooks).map((file) => resolve(base, file))
  // With a wrong `chdir` each script would be reported too.
  const scripts = checks.wrong.has('chdir') ? [] : await loadScripts(resolution, hookFiles, loader)
  problems.push(...(found.problems ?? []), ...resolution.problems, ...inFiles.problems, ...checks.problems)
  if (input.program) problems.push(...programProblems(settings))
  problems.push(...scripts.flatMap((script) => script.problems))
  const flags = { execArgv, environment, directory, base }
  const start = checks.wrong.has('chdir')
    ? undefined
    : await readBeginnings({ resolution, flags, context, file: found.file, identity: checks.identity })
  problems.push(...(start?.problems ?? []))
  if (problems.length > 0 || start === undefined) throw new ConfigError(await withHints(problems))
  const ofConfig = pickHooks(found.source?.values ?? {}, found.file ?? programSource)
  const hooks = combineHooks([ofConfig, ...scripts.map((script) => script.hooks)])
  const app = findAppFile(resolution.settings.app ?? '', base)
  if (mustExist(settings, hooks)) await requireApp(resolution, base, found.file)
  return {
    settings: input.program ? withAbsolutePaths(settings, base) : settings,
    durations: durationsOf(settings),
    origins,
    file: found.file,
    codeFile: found.codeFile,
    hookFiles,
    hooks,
    identity: checks.identity,
    warnings: [...warningsOf(argumentLists, resolution), ...inFiles.warnings],
    envFiles,
    fileVariables,
    ...start.value,
    ...(input.program && { services: withAbsoluteBinds(start.value.services, base) }),
    directory: base,
    appFile: app.file,
    appPath: app.path,
  }
}

/** The config of the program in which the server runs, or that of a file. */
function findOrTake(program: ConfigInput['program'], search: Search): ReturnType<typeof findConfig> {
  const value: unknown = program?.config()
  return value === undefined ? findConfig(search) : programConfig(value)
}

/** The working directory of the program is not that of the server. */
function withAbsoluteBinds(services: readonly ServicePlan[], base: string): readonly ServicePlan[] {
  return services.map(({ own, ...plan }) => ({
    ...plan,
    own: own.bind === undefined ? own : { ...own, bind: withAbsoluteSockets(own.bind, base) },
  }))
}

/** What the processes of the app and of the services begin with. */
async function readBeginnings(
  parts: Omit<ServiceParts, 'beginning'>,
): Promise<Found<Pick<LoadedConfig, keyof Beginning | 'services' | 'schedules'>>> {
  const { beginning, problems } = await readWorkerBeginning(parts.resolution, parts.flags)
  const { services, ...inServices } = await findServices({ ...parts, beginning })
  const { schedules, ...inSchedules } = await findSchedules({ ...parts, beginning })
  return {
    value: { ...beginning, services, schedules },
    problems: [...problems, ...inServices.problems, ...inSchedules.problems],
  }
}

interface Found<Value> {
  readonly value: Value
  readonly problems: readonly Problem[]
}

/** Where modules are; messages and records have them as they are written. */
function placed(
  { resolution, base }: Pick<InEnvironment, 'resolution' | 'base'>,
  built: BuiltProgram | undefined,
): Pick<InEnvironment, 'resolution' | 'base'> {
  if (built === undefined) return { resolution, base }
  const settings = inBuild(resolution.settings, built)
  return { resolution: { ...resolution, settings }, base: baseInBuild(base, built) }
}

/** Milliseconds of `boot_timeout`, as the command line sets it; for a config that is not loaded yet. */
export function givenBootTimeout({
  arguments: given,
  environment,
}: Pick<ConfigInput, 'arguments' | 'environment'>): number {
  const lists = [...argumentsFromEnvironment(environment), given]
  const sources = lists.map(({ source }) => source).filter((source) => source !== undefined)
  return durationsOf(resolveSettings(sources, environment).settings).boot_timeout
}

function warningsOf(lists: readonly Arguments[], { warnings }: Resolution): readonly string[] {
  return [...lists.flatMap((part) => part.warnings), ...warnings]
}

function loadScripts(
  { settings, origins, written }: Resolution,
  files: readonly string[],
  loader: ModuleLoader,
): Promise<HookScript[]> {
  const texts = listOf(settings.hooks)
  const origin = { where: origins.hooks, name: written.hooks }
  return Promise.all(
    files.map((file, index) => loadHookScript(file, loader, { ...origin, text: texts[index] ?? file })),
  )
}

/** A hook may build the app first, and during development its file may come later. */
function mustExist({ app, print_config, reload }: Settings, { on_starting }: HookSources): boolean {
  return app !== null && !print_config && reload === false && on_starting === undefined
}

async function requireApp(
  { settings, origins, written }: Resolution,
  directory: string,
  config: string | null,
): Promise<void> {
  const message = await appProblem(settings.app ?? '', directory, config)
  if (message !== undefined) throw new ConfigError([{ where: origins.app, name: written.app, message }])
}

/** Parses TSGUN_CMD_ARGS, whose arguments come before those of the command line. */
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
