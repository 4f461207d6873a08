// Runs in the arbiter, at the start and at each reload: from the command line, TSGUN_CMD_ARGS and the config file to checked settings and
// hooks. Nothing is bound or spawned here. All mistakes that can be found are thrown together, as one ConfigError.

import { resolve } from 'node:path'
import { cosmiconfig } from 'cosmiconfig'
import type { Loader } from 'cosmiconfig'
import type { Identity } from '../os/identity.ts'
import { checkTogether } from './check.ts'
import { configObject } from './config-object.ts'
import { parseArguments } from './flags.ts'
import type { Arguments } from './flags.ts'
import { hookNames, hookTable } from './hooks.ts'
import type { HookName } from './hooks.ts'
import type { ModuleLoader } from './modules/loader.ts'
import { ConfigError } from './problem.ts'
import type { Problem } from './problem.ts'
import { combineHooks, pickHooks } from './run-hook.ts'
import type { HookSource, HookSources } from './run-hook.ts'
import { isProblems, resolveSettings } from './sources.ts'
import type { Resolved, Source } from './sources.ts'
import { splitWords } from './split-words.ts'
import { whereThrown } from './where-thrown.ts'

/** cosmiconfig looks for them in this order, in the current directory only. */
const codeExtensions = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'] as const
const searchPlaces = [
  ...codeExtensions.map((extension) => `server.config${extension}`),
  'server.config.json',
  'server.config.yaml',
  'package.json',
]

export interface ConfigInput {
  /** The command line as it was given, without the program. */
  readonly arguments: Arguments
  readonly environment: NodeJS.ProcessEnv
  readonly directory: string
  readonly loader: ModuleLoader
}

export interface LoadedConfig extends Resolved {
  /** The file that the config came from; null when there is none. */
  readonly file: string | null
  /** The same when it is code, and so may have hooks. */
  readonly codeFile: string | null
  readonly hookFiles: readonly string[]
  readonly hooks: HookSources
  readonly identity: Identity
  /** What is accepted but will not do what it seems to. */
  readonly warnings: readonly string[]
}

export async function loadConfig(input: ConfigInput): Promise<LoadedConfig> {
  const { environment, directory, loader } = input
  const extra = argumentsFromEnvironment(environment)
  const named = input.arguments.configFile ?? extra?.configFile
  const found = await findConfig(named, directory, loader)
  const sources = [found.source, extra?.source, input.arguments.source].filter((source) => source !== undefined)
  const resolved = resolveSettings(sources, environment)
  if (isProblems(resolved)) throw new ConfigError(resolved)
  const base = resolve(directory, resolved.settings.chdir)
  const { identity, problems } = checkTogether(resolved, base)
  const hookFiles = listOf(resolved.settings.hooks).map((file) => resolve(base, file))
  const scripts = await Promise.all(hookFiles.map((file) => loadHookScript(file, loader, problems)))
  if (problems.length > 0) throw new ConfigError(problems)
  const own = pickHooks(found.source?.values ?? {}, found.file ?? '')
  const hooks = combineHooks([own, ...scripts])
  return { ...resolved, file: found.file, codeFile: found.codeFile, hookFiles, hooks, identity, warnings: pendingHooks(hooks) }
}

function argumentsFromEnvironment(environment: NodeJS.ProcessEnv): Arguments | undefined {
  const text = environment['TSGUN_CMD_ARGS']
  if (text === undefined || text.trim() === '') return undefined
  try {
    return parseArguments(splitWords(text), 'TSGUN_CMD_ARGS')
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new ConfigError([{ where: 'TSGUN_CMD_ARGS', name: '', message: error.message }], { cause: error })
  }
}

interface FoundConfig {
  readonly file: string | null
  readonly codeFile: string | null
  readonly source: Source | undefined
}

async function findConfig(named: string | undefined, directory: string, loader: ModuleLoader): Promise<FoundConfig> {
  let codeFile: string | null = null
  const loadCode: Loader = async (file) => {
    codeFile = file
    return configObject(await loader.load(file))
  }
  const loaders = Object.fromEntries(codeExtensions.map((extension) => [extension, loadCode]))
  const explorer = cosmiconfig('tsgun', { searchPlaces, loaders, cache: false })
  try {
    const result = named === undefined ? await explorer.search(directory) : await explorer.load(resolve(directory, named))
    if (!result) return { file: null, codeFile: null, source: undefined }
    const values: unknown = result.isEmpty ? {} : result.config
    return { file: result.filepath, codeFile, source: { where: shortName(result.filepath, directory), values: asObject(values) } }
  } catch (error) {
    const where = named ?? (codeFile === null ? 'the config file' : shortName(codeFile, directory))
    throw new ConfigError([{ where, name: '', message: loadMessage(error) }], { cause: error })
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>> // any object has string keys
  throw new TypeError(`expected an object of settings; got ${Array.isArray(value) ? 'a list' : typeof value}`)
}

function loadMessage(error: unknown): string {
  if (!(error instanceof Error)) return `it threw ${String(error)}`
  if ('code' in error && error.code === 'ENOENT') return 'there is no such file'
  const place = whereThrown(error)
  return `${error.message}${place ? ` (${place})` : ''}`
}

async function loadHookScript(file: string, loader: ModuleLoader, problems: Problem[]): Promise<Map<HookName, HookSource>> {
  try {
    const found = pickHooks(await loader.load(file), file)
    if (found.size === 0)
      problems.push({
        where: file,
        name: '',
        message: `it exports no hook; expected functions named ${hookNames.slice(0, 4).join(', ')}, ...`,
      })
    return found
  } catch (error) {
    problems.push({ where: file, name: '', message: `this hook script cannot be loaded: ${loadMessage(error)}` })
    return new Map()
  }
}

function pendingHooks(hooks: HookSources): string[] {
  return hookNames.flatMap((name) => {
    const row = hookTable[name]
    return hooks[name] && 'pending' in row ? [`the hook ${name} is never called: this version has no ${row.pending}`] : []
  })
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}

function shortName(file: string, directory: string): string {
  return file.startsWith(`${directory}/`) ? file.slice(directory.length + 1) : file
}
