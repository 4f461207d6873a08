// Arbiter and workers, main and hook thread. Which tsconfig.json applies to a file, and what it says. esbuild
// finds the nearest one and its "extends" by itself; it does not follow the "references" of a solution-style
// config, whose options are in tsconfig.app.json and the like.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import type * as GetTsconfig from 'get-tsconfig'

const require = createRequire(import.meta.url)

type Result = GetTsconfig.TsConfigResult
export type CompilerOptions = NonNullable<Result['config']['compilerOptions']>
export type PathsMatcher = (specifier: string) => readonly string[]

/** Reads each tsconfig.json once. Create a new reader for each generation, since files change. */
export interface TsconfigReader {
  /** The text of the nearest tsconfig.json; empty without one. */
  textNear(path: string): string
  /** The options that apply to a file, with those of "extends". */
  optionsOf(path: string): CompilerOptions
  /** The config that esbuild must be told, since it would not find it. */
  referencedBy(path: string): string | undefined
  /** Applies the "paths" and the "baseUrl" of the config of a file; undefined if it has none. */
  pathsOf(path: string): PathsMatcher | undefined
}

/** A character that no path has. */
const SUBSTITUTE = '\uE000'

interface Nearest {
  readonly file: string
  readonly text: string
}

/** Creates a reader with empty caches. */
export function createTsconfigReader(): TsconfigReader {
  const nearest = new Map<string, Nearest | undefined>()
  const parsed = new Map<string, Result>()
  const fileSystem = new Map<string, never>()
  const matchers = new Map<Result, PathsMatcher | undefined>()
  function near(directory: string): Nearest | undefined {
    if (!nearest.has(directory)) {
      const parent = dirname(directory)
      nearest.set(directory, readNearest(directory) ?? (parent === directory ? undefined : near(parent)))
    }
    return nearest.get(directory)
  }
  function parse(file: string): Result {
    const known = parsed.get(file)
    if (known !== undefined) return known
    const result = { path: file, config: parseConfig(file, fileSystem) }
    parsed.set(file, result)
    return result
  }
  function configOf(path: string): Result | undefined {
    const found = near(dirname(path))
    if (found === undefined) return undefined
    const result = parse(found.file)
    return referencedConfig(result, path, parse) ?? result
  }
  return {
    textNear: (path) => near(dirname(path))?.text ?? '',
    optionsOf: (path) => configOf(path)?.config.compilerOptions ?? {},
    referencedBy(path) {
      const found = near(dirname(path))
      if (found === undefined || !/"references"\s*:/.test(found.text)) return undefined
      return referencedConfig(parse(found.file), path, parse)?.path
    },
    pathsOf(path) {
      const found = near(dirname(path))
      if (found === undefined || !/"(?:paths|baseUrl|extends|references)"\s*:/.test(found.text))
        return undefined
      const result = configOf(path)
      if (result === undefined) return undefined
      if (!matchers.has(result)) matchers.set(result, pathsMatcher(result))
      return matchers.get(result)
    },
  }
}

// The library takes an asterisk in the directory of the project for that of a pattern.
function pathsMatcher({ path, config }: Result): PathsMatcher | undefined {
  const escape = (text: string): string => text.replaceAll('*', SUBSTITUTE)
  const { compilerOptions = {} } = config
  // It keeps the directory from which "paths" start under a symbol.
  const places = Object.getOwnPropertySymbols(compilerOptions).map(
    (key) => [key, escape(String(Reflect.get(compilerOptions, key)))] as const,
  )
  const escaped = { ...config, compilerOptions: { ...compilerOptions, ...Object.fromEntries(places) } }
  const match = tsconfigLibrary().createPathsMatcher({ path: escape(path), config: escaped })
  if (match === null) return undefined
  return (specifier) => match(specifier).map((found) => found.replaceAll(SUBSTITUTE, '*'))
}

// As in esbuild, a base that is missing is no failure: production installs lack packages such as
// @tsconfig/node20.
function parseConfig(file: string, fileSystem: Map<string, never>): Result['config'] {
  try {
    return tsconfigLibrary().parseTsconfig(file, fileSystem)
  } catch {
    const text = readNearest(dirname(file))?.text ?? ''
    const isOn = (name: string): boolean => new RegExp(`"${name}"\\s*:\\s*true`).test(text)
    const [experimentalDecorators, emitDecoratorMetadata] = [
      isOn('experimentalDecorators'),
      isOn('emitDecoratorMetadata'),
    ]
    return { compilerOptions: { experimentalDecorators, emitDecoratorMetadata } }
  }
}

/** The first referenced config that includes a file which the config itself does not include. */
function referencedConfig(config: Result, path: string, parse: (file: string) => Result): Result | undefined {
  const { references = [] } = config.config
  if (references.length === 0 || includes(config, path)) return undefined
  for (const { path: reference } of references) {
    const target = resolve(dirname(config.path), reference)
    const found = parse(target.endsWith('.json') ? target : join(target, 'tsconfig.json'))
    if (includes(found, path)) return found
  }
  return undefined
}

function includes(config: Result, path: string): boolean {
  return tsconfigLibrary().createFilesMatcher(config)(path) !== undefined
}

function readNearest(directory: string): Nearest | undefined {
  const file = join(directory, 'tsconfig.json')
  try {
    return { file, text: readFileSync(file, 'utf8') }
  } catch {
    return undefined // missing, or unreadable, which esbuild reports
  }
}

/**
 * Loaded late: most projects need no more than esbuild does by itself. Always by this file: when the files
 * of a package with `exports` are removed, Node finds it only for the file that has loaded it.
 */
export function tsconfigLibrary(): typeof GetTsconfig {
  return require('get-tsconfig') as typeof GetTsconfig // parse boundary: require() is untyped
}
