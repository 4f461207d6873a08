// Runs in the arbiter: finds the config file with cosmiconfig, or takes the one that was named, and reads
// what it holds.

import { extname, resolve } from 'node:path'
import { cosmiconfig, type Loader } from 'cosmiconfig'
import { configObject } from './config-object.ts'
import type { ModuleLoader } from '../../modules/loader.ts'
import { loadMessage } from '../problems/load-message.ts'
import type { Problem } from '../problems/problem.ts'
import type { Source } from './resolve.ts'

/** cosmiconfig looks for them in this order, in the current directory only. */
const codeExtensions = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'] as const
const searchPlaces = [
  ...codeExtensions.map((extension) => `server.config${extension}`),
  'server.config.json',
  'server.config.yaml',
  'package.json',
]

/** What `-c` may name. */
const extensions = [...codeExtensions, '.json', '.yaml', '.yml']

export interface FoundConfig {
  /** Null when there is none. */
  readonly file: string | null
  /** The same when it is code, and so may have hooks. */
  readonly codeFile: string | null
  readonly source: Source | undefined
}

export interface Search {
  /** `-c`; undefined to search. */
  readonly named: string | undefined
  readonly directory: string
  readonly loader: ModuleLoader
}

/** Answers the config, or what is wrong with its file. */
export async function findConfig({ named, directory, loader }: Search): Promise<FoundConfig | Problem> {
  if (named !== undefined && !extensions.includes(extname(named)))
    return { where: named, name: '', message: `expected a file whose name ends in ${extensions.join(', ')}` }
  let codeFile: string | null = null
  let readFile: string | undefined
  const loadCode: Loader = async (file) => {
    codeFile = file
    return loadCodeFile(file, loader)
  }
  const loaders = Object.fromEntries(codeExtensions.map((extension) => [extension, loadCode]))
  try {
    const explorer = cosmiconfig('tsgun', { searchPlaces, loaders, cache: false })
    const result =
      named === undefined ? await explorer.search(directory) : await explorer.load(resolve(directory, named))
    if (!result) return { file: null, codeFile: null, source: undefined }
    readFile = result.filepath
    const values = result.isEmpty ? {} : withoutSchema(asObject(result.config))
    return {
      file: result.filepath,
      codeFile,
      source: { where: shortName(result.filepath, directory), values },
    }
  } catch (thrown) {
    const error = thrown instanceof CodeFailure ? thrown.cause : thrown
    const code = codeFile ?? undefined
    const file = named ?? code ?? readFile ?? fileOf(error)
    return {
      where: file === undefined ? 'the config file' : shortName(file, directory),
      name: '',
      message: loadMessage(error, code),
    }
  }
}

/**
 * What the user's code threw, kept from cosmiconfig: it takes an ENOENT for a config file that is not there
 * and goes on searching.
 */
class CodeFailure extends Error {
  override readonly name = 'CodeFailure'
}

async function loadCodeFile(file: string, loader: ModuleLoader): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await configObject(await loader.load(file))
  } catch (error) {
    throw new CodeFailure(`${file} cannot be loaded`, { cause: error })
  }
}

/** cosmiconfig adds it to the errors of its own loaders. */
function fileOf(error: unknown): string | undefined {
  return error instanceof Error && 'filepath' in error && typeof error.filepath === 'string'
    ? error.filepath
    : undefined
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>> // any object has string keys
  throw new TypeError(`expected an object of settings; got ${Array.isArray(value) ? 'a list' : typeof value}`)
}

/** Editors find the JSON schema by this key of a JSON or YAML config. */
function withoutSchema(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (typeof values['$schema'] !== 'string') return values
  return Object.fromEntries(Object.entries(values).filter(([name]) => name !== '$schema'))
}

export function shortName(file: string, directory: string): string {
  return file.startsWith(`${directory}/`) ? file.slice(directory.length + 1) : file
}
