// Arbiter and workers. The format of one file of a module store: a line of JSON that is the index, then all
// code in one piece. A reader parses only the index and cuts out the code that it runs; writing is atomic, so
// a reader never sees half a file.
import { threadId } from 'node:worker_threads'
import { chmodSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * How Node is to run the code of a stored module; `detect` leaves a plain .js file without "type" to Node's
 * own detection.
 */
export type StoredFormat = 'module' | 'commonjs' | 'json' | 'detect'

export interface StoredModule {
  readonly path: string
  readonly format: StoredFormat
  readonly code: string
  /** For CommonJS: the names that an ES module can import from it. */
  readonly exports: readonly string[]
  /** For CommonJS: specifiers of which it exports everything again. */
  readonly reexports: readonly string[]
}

/** Importing file, then specifier, to the file that it names. */
export type Resolutions = Readonly<Record<string, Readonly<Record<string, string>>>>

export interface Pack {
  readonly modules: ReadonlyMap<string, () => StoredModule>
  resolution(parent: string, specifier: string): string | undefined
  /** Its modules, and the files that imports in them mean. */
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
 * Writes a pack under a temporary name and renames it: two workers that write the same one end with one whole
 * file.
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
  // Unique among the threads of this host that may write at the same time.
  const temporary = `${file}.${process.pid}-${threadId}`
  try {
    writeFileSync(temporary, Buffer.concat([Buffer.from(`${JSON.stringify(index)}\n`), ...code]), {
      mode: 0o600,
    })
    shareLike(dirname(file), temporary)
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/**
 * In a directory that its group may read (whose group the file has, by the directory's setgid bit) the group
 * may read the file.
 */
function shareLike(directory: string, file: string): void {
  // not by the mode above, which the umask cuts
  if ((statSync(directory).mode & 0o040) !== 0) chmodSync(file, 0o640)
}

/** Reads a pack; the code of a module is decoded when it is asked for. */
export function readPack(file: string): Pack {
  const content = readFileSync(file)
  const end = content.indexOf(NEWLINE)
  // Parse boundary: only writePack above writes here, into a directory that nobody else may enter.
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

// A specifier may be "constructor", which every object inherits.
function owned<Value>(record: Readonly<Record<string, Value>> | undefined, key: string): Value | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined
}
