// Runs in the arbiter: finds the config file with cosmiconfig, or uses the one of `-c`, and loads it.

import { lstatSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { cosmiconfig, defaultLoaders, type Loader } from 'cosmiconfig'
import { configObject, listMessage } from './config-object.ts'
import type { ModuleLoader } from '../../modules/loader.ts'
import { loadMessage } from '../problems/load-message.ts'
import { whyUnreadable } from '../problems/unreadable.ts'
import { show, type Format, type Problem } from '../problems/problem.ts'
import type { Source } from './resolve.ts'
import { isRecord } from '../../os/type-checks.ts'

/** In the order of the search, which looks in the current directory only. */
const codeExtensions = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'] as const
const configNames = [...codeExtensions, '.json', '.yaml', '.yml'].map(
  (extension) => `server.config${extension}`,
)
const manifest = 'package.json'

/** Accepted for the file of `-c`. */
const extensions = [...codeExtensions, '.json', '.yaml', '.yml']

export interface FoundConfig {
  /** The config file; null without one. */
  readonly file: string | null
  /** The config file if it is code, which may have hooks. */
  readonly codeFile: string | null
  readonly source: Source | undefined
}

export interface Search {
  /** `-c`; undefined to search. */
  readonly named: string | undefined
  readonly directory: string
  readonly loader: ModuleLoader
}

/** Resolves to the config, or to the problem of its file. Never rejects. */
export async function findConfig({ named, directory, loader }: Search): Promise<FoundConfig | Problem> {
  if (named !== undefined && !extensions.includes(extname(named)))
    return { where: named, name: '', message: `expected a file name that ends in ${extensions.join(', ')}` }
  let codeFile: string | null = null
  let readFile: string | undefined
  const loadCode: Loader = async (file) => {
    codeFile = file
    return loadCodeFile(file, loader)
  }
  const loaders = Object.fromEntries(codeExtensions.map((extension) => [extension, loadCode]))
  try {
    const explorer = cosmiconfig('tsgun', { searchPlaces: [manifest], loaders, cache: false })
    readFile = named === undefined ? presentConfig(directory) : undefined
    const path = readFile ?? (named === undefined ? undefined : resolve(directory, named))
    const result = path === undefined ? null : await explorer.load(path)
    // A package.json without settings of tsgun has none.
    if (!result || (result.isEmpty && readFile?.endsWith(manifest)))
      return { file: null, codeFile: null, source: undefined }
    readFile = result.filepath
    const values = result.isEmpty ? {} : withoutSchema(asObject(result.config))
    return {
      file: result.filepath,
      codeFile,
      source: { where: shortName(result.filepath, directory), values, format: formatOf(result.filepath) },
    }
  } catch (thrown) {
    const error = thrown instanceof CodeFailure ? thrown.cause : thrown
    const code = codeFile ?? undefined
    const file = named ?? code ?? readFile ?? fileOf(error)
    return {
      where: file === undefined ? 'the config file' : shortName(file, directory),
      name: '',
      message:
        (file === undefined ? undefined : whyUnreadable(resolve(directory, file), error)) ??
        loadMessage(error, code),
    }
  }
}

/**
 * The first of the names that the directory has, even if it cannot be read: cosmiconfig's own search would
 * skip that file, and find another config or none.
 */
function presentConfig(directory: string): string | undefined {
  const paths = [...configNames, manifest].map((name) => join(directory, name))
  return paths.find((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined)
}

/** Loads the parsers of JSON and YAML, so that the files of their packages may be removed. */
export async function keepParsers(): Promise<void> {
  for (const ending of ['.json', '.yaml'] as const) await defaultLoaders[ending](ending, '{}')
}

/**
 * Hides an error of the user's code from cosmiconfig, which would take an ENOENT for a missing config file
 * and continue its search.
 */
class CodeFailure extends Error {
  override readonly name = 'CodeFailure'
}

async function loadCodeFile(file: string, loader: ModuleLoader): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await configObject(await loader.load(file))
  } catch (error) {
    throw new CodeFailure(`cannot load ${file}`, { cause: error })
  }
}

/** cosmiconfig adds the path to the errors of its own loaders. */
function fileOf(error: unknown): string | undefined {
  return error instanceof Error && 'filepath' in error && typeof error.filepath === 'string'
    ? error.filepath
    : undefined
}

function formatOf(file: string): Format {
  const extension = extname(file)
  if (extension === '.json') return 'json'
  return ['.yaml', '.yml'].includes(extension) ? 'yaml' : 'code'
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value
  if (Array.isArray(value)) throw new TypeError(listMessage)
  throw new TypeError(`expected an object of settings; got ${show(value)}`)
}

/** Removes the key by which editors find the JSON schema of a JSON or YAML config. */
function withoutSchema(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (typeof values['$schema'] !== 'string') return values
  return Object.fromEntries(Object.entries(values).filter(([name]) => name !== '$schema'))
}

/** The path relative to the directory for a file inside of it, otherwise unchanged. */
export function shortName(file: string, directory: string): string {
  return file.startsWith(`${directory}/`) ? file.slice(directory.length + 1) : file
}
