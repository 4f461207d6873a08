// Arbiter and workers. The format of a file in a module store: a line of JSON with the index, then the code
// of all modules. A reader parses only the index and decodes the code that it runs. Writes are atomic, so a
// reader never sees an incomplete file.
import { threadId } from 'node:worker_threads'
import { chmodSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { hasCode } from '../../os/error-code.ts'
import { fileProblem } from '../../os/file-problem.ts'
import { ModuleRefusal } from './refusal.ts'

/**
 * How Node runs the code of a stored module. `detect`: a plain .js file without "type", whose format Node
 * detects.
 */
export type StoredFormat = 'module' | 'commonjs' | 'json' | 'detect'

export interface StoredModule {
  readonly path: string
  readonly format: StoredFormat
  readonly code: string
  /** For CommonJS: the names that an ES module can import from it. */
  readonly exports: readonly string[]
  /** For CommonJS: specifiers of modules whose exports are all re-exported. */
  readonly reexports: readonly string[]
}

/** The target of each import, by importing file and specifier. */
export type Resolutions = Readonly<Record<string, Readonly<Record<string, string>>>>

export interface Pack {
  readonly modules: ReadonlyMap<string, () => StoredModule>
  resolution(parent: string, specifier: string): string | undefined
  /** The paths of its modules and of their import targets. */
  paths(): readonly string[]
}

interface Index {
  readonly modules: readonly (readonly [
    path: string,
    format: StoredFormat,
    bytes: number,
    exports: readonly string[],
    reexports: readonly string[],
  ])[]
  readonly resolutions: Resolutions
}

const NEWLINE = 10

/**
 * Writes a pack under a temporary name and renames it, so that two workers that write the same pack leave one
 * complete file.
 */
export function writePack(file: string, modules: readonly StoredModule[], resolutions: Resolutions): void {
  const code = modules.map((module) => Buffer.from(module.code))
  const index: Index = {
    modules: modules.map(({ path, format, exports, reexports }, nr) => [
      path,
      format,
      code[nr]?.length ?? 0,
      exports,
      reexports,
    ]),
    resolutions,
  }
  // Unique among the threads on this host that may write at the same time.
  const temporary = `${file}.${process.pid}-${threadId}`
  try {
    writeFileSync(temporary, Buffer.concat([Buffer.from(`${JSON.stringify(index)}\n`), ...code]), {
      mode: 0o600,
    })
    shareLike(dirname(file), temporary)
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw unwritable(file, error)
  }
}

/** The error for a file of compiled code that cannot be written. */
export function unwritable(file: string, error: unknown): ModuleRefusal {
  const remedy = hasCode(error, 'ENOSPC', 'EDQUOT')
    ? '; free some space there, or set TMPDIR to another directory'
    : ''
  return new ModuleRefusal(
    `compiled code cannot be written to ${dirname(file)}: ${fileProblem(error, file)}${remedy}`,
  )
}

/**
 * Lets the group read the file if it may read the directory, whose setgid bit gives the file its group.
 */
function shareLike(directory: string, file: string): void {
  // not by the mode of the write, which the umask reduces
  if ((statSync(directory).mode & 0o040) !== 0) chmodSync(file, 0o640)
}

/** Reads a pack. The code of a module is decoded when it is used. */
export function readPack(file: string): Pack {
  const content = readFileSync(file)
  const end = content.indexOf(NEWLINE)
  // Parse boundary: written by writePack, in a directory that only the server can write to.
  const index = JSON.parse(content.toString('utf8', 0, end)) as Index
  const modules = new Map<string, () => StoredModule>()
  let offset = end + 1
  for (const [path, format, bytes, exports, reexports] of index.modules) {
    const start = offset
    offset += bytes
    modules.set(path, () => ({
      path,
      format,
      code: content.toString('utf8', start, start + bytes),
      exports,
      reexports,
    }))
  }
  return {
    modules,
    resolution: (parent, specifier) => owned(owned(index.resolutions, parent), specifier),
    paths: () => [...modules.keys(), ...Object.values(index.resolutions).flatMap((of) => Object.values(of))],
  }
}

// Own keys only: a specifier may be "constructor", which every object inherits.
function owned<Value>(record: Readonly<Record<string, Value>> | undefined, key: string): Value | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined
}
