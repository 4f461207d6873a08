// Runs in the arbiter: finds the config file, or uses the one of `-c`, and loads it. JSON and YAML are
// parsed by cosmiconfig's loaders. Its search is not used: it skips a file that cannot be read, and fails
// because of a BOM in package.json.

import { lstatSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, extname, join, resolve } from 'node:path'
import type * as Cosmiconfig from 'cosmiconfig'
import { configObject, listMessage } from './config-object.ts'
import type { ModuleLoader } from '../../modules/loader.ts'
import { octalLiterals } from './bare-mode.ts'
import { loadMessage } from '../problems/load-message.ts'
import { whyUnreadable } from '../problems/unreadable.ts'
import { show, type Format, type Problem } from '../problems/problem.ts'
import type { Source } from './resolve.ts'
import { isRecord } from '../../os/type-checks.ts'

/** In the order of the search, which looks in the current directory only. */
const codeExtensions = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'] as const
export const configNames = [...codeExtensions, '.json', '.yaml', '.yml'].map(
  (extension) => `server.config${extension}`,
)
const manifest = 'package.json'

/** Accepted for the file of `-c`. */
const extensions = configNames.map((name) => extname(name))

export interface FoundConfig {
  /** The config file; null without one. */
  readonly file: string | null
  /** The config file if it is code, which may have hooks. */
  readonly codeFile: string | null
  readonly source: Source | undefined
  /** What cannot be used of it, besides wrong values. */
  readonly problems?: readonly Problem[]
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
  const path = named === undefined ? presentConfig(directory) : resolve(directory, named)
  const none = { file: null, codeFile: null, source: undefined }
  if (path === undefined) return none
  const where = named ?? shortName(path, directory)
  const isCode = formatOf(path) === 'code'
  try {
    // Read first, for an error of the system that names it.
    const text = await readFile(path, 'utf8')
    const config = isCode ? await configObject(await loader.load(path)) : await parse(path, text)
    // A package.json without settings of tsgun has none.
    if (config === undefined && named === undefined && path.endsWith(manifest)) return none
    return {
      file: path,
      codeFile: isCode ? path : null,
      source: {
        where: shortName(path, directory),
        values: withoutSchema(asObject(config ?? {})),
        format: formatOf(path),
        ...(formatOf(path) === 'yaml' ? { given: octalLiterals(text) } : {}),
      },
    }
  } catch (error) {
    const message = whyUnreadable(path, error) ?? loadMessage(error, { path, isCode })
    return { where, name: '', message }
  }
}

/** Returns undefined for an empty file, and for a package.json without the key. */
async function parse(path: string, withBom: string): Promise<unknown> {
  // Editors on Windows may begin a file with a BOM, which JSON does not allow.
  const text = withBom.replace(/^\uFEFF/, '')
  if (text.trim() === '') return undefined
  const parsers = requireParsers()
  const value: unknown = await parsers[formatOf(path) === 'json' ? '.json' : '.yaml'](path, text)
  if (basename(path) !== manifest) return value
  return isRecord(value) ? value['tsgun'] : undefined
}

/** The first of the names that the directory has, even if it cannot be read. */
function presentConfig(directory: string): string | undefined {
  const paths = [...configNames, manifest].map((name) => join(directory, name))
  return paths.find((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined)
}

/** Loads the parsers of JSON and YAML, so that the files of their packages may be removed. */
export async function keepParsers(): Promise<void> {
  const parsers = requireParsers()
  for (const ending of ['.json', '.yaml'] as const) await parsers[ending](ending, '{}')
}

const require = createRequire(import.meta.url)

/** Loads the package when it is first needed; by require(), which finds it again after it was removed. */
function requireParsers(): typeof Cosmiconfig.defaultLoaders {
  return (require('cosmiconfig') as typeof Cosmiconfig).defaultLoaders // what the package exports
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
