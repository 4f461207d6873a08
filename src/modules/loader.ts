// The one way to load user code: the arbiter loads config and hook scripts and records exactly what it loaded
// in the generation's store; a worker loads config, hook scripts and app, and runs what is recorded, whatever
// happened to the files since.
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { compileGraph } from './graph.ts'
import { installImportHooks, type ImportHooks } from './install-import-hooks.ts'
import type { StoredModule } from './pack.ts'
import { generationQuery, isCompiled } from './paths.ts'
import { installRequireHooks, type RequireHooks } from './require-hooks.ts'
import { createSession, provide, type SeeFile, type Session } from './session.ts'
import { mapStackTraces } from './stack-traces.ts'
import { createStore, openStore, type Store } from './store.ts'

/** What a user's module exports, by name. */
export type Namespace = Readonly<Record<string, unknown>>

export interface ModuleLoader {
  /**
   * Imports or requires a user's file and answers its namespace (for CommonJS: `{ default: module.exports,
   * ...its own enumerable keys }`).
   */
  load(file: string): Promise<Namespace>
}

export interface ArbiterLoader extends ModuleLoader {
  /**
   * Starts a generation over its existing, empty store directory; what is loaded from now on is read from
   * disk again.
   */
  begin(storeDirectory: string): void
  /**
   * Compiles all TypeScript that an app's entry reaches, for the workers. Call it after the config and hook
   * scripts are loaded.
   */
  precompile(entryFile: string): Promise<void>
  /** The files that this generation is made of so far, also those that could not be loaded. */
  files(): readonly string[]
}

/** In a worker that tells what it loads. */
export interface ObservedLoader extends ModuleLoader {
  /** Tells of what was seen in the hook thread so far. */
  takeSeen(): void
}

// An entry has no importing file; its resolution is stored under this.
const NO_PARENT = ''

const require = createRequire(import.meta.url)

/** In the arbiter: one for the life of the process. */
export function createArbiterLoader(): ArbiterLoader {
  let current: { readonly session: Session; readonly loadNumber: number } | undefined
  let hooks: Hooks | undefined
  const begun = (): NonNullable<typeof current> => {
    if (current === undefined) throw new Error('begin() comes before load() and precompile()')
    return current
  }
  return {
    begin(storeDirectory) {
      const session = createSession('arbiter', createStore(storeDirectory))
      const loadNumber = (current?.loadNumber ?? 0) + 1
      current = { session, loadNumber }
      hooks?.require.switchTo(session, loadNumber)
      hooks?.imports.switchTo(session)
    },
    async load(file) {
      const { session, loadNumber } = begun()
      // Not before the first file: a configuration in JSON needs no hooks.
      hooks ??= install(session)
      process.setSourceMapsEnabled(true)
      const path = realpath(file)
      session.store.saveResolution(NO_PARENT, resolve(file), path)
      return loadFile(path, session, generationQuery(loadNumber))
    },
    async precompile(entryFile) {
      const { store } = begun().session
      const path = realpath(entryFile)
      // The entry may be reached by a link to the current release, which is switched before the reload.
      store.saveResolution(NO_PARENT, resolve(entryFile), path)
      const { modules, resolutions } = await compileGraph(path)
      // A store with TypeScript makes workers install hooks.
      if (modules.length > 0) store.savePack(entryFile, modules, resolutions)
    },
    files: () => openStore(begun().session.store.directory).paths(),
  }
}

/**
 * In a worker (or a thread of it), once: installs what the store needs, which is nothing for unchanged plain
 * JavaScript.
 */
export function createWorkerLoader(storeDirectory: string, see?: SeeFile): ObservedLoader {
  const store = openStore(storeDirectory)
  const changed = store
    .plainModules()
    .filter(differsFromDisk)
    .map(({ path }) => path)
  const session = createSession('worker', store, { changed, see })
  let hooks: Hooks | undefined
  const installOnce = (): void => {
    if (hooks !== undefined) return
    hooks = install(session)
    mapStackTraces((path) => codeIn(store, path))
  }
  if (store.hasTypeScript() || changed.length > 0 || see !== undefined) installOnce()
  return {
    async load(file) {
      const path = store.resolution(NO_PARENT, resolve(file)) ?? realpath(file)
      see?.(path)
      if (isCompiled(path)) installOnce()
      return loadFile(path, session, '')
    },
    takeSeen: () => hooks?.imports.takeSeen(),
  }
}

/** The compiled code of a file; when the store is gone nothing is known of it any more. */
function codeIn(store: Store, path: string): string | undefined {
  return isCompiled(path) && existsSync(store.directory) ? store.find(path)?.code : undefined
}

interface Hooks {
  readonly require: RequireHooks
  readonly imports: ImportHooks
}

function install(session: Session): Hooks {
  return { require: installRequireHooks(session), imports: installImportHooks(session) }
}

async function loadFile(path: string, session: Session, query: string): Promise<Namespace> {
  if (isRequired(path, session)) return commonJsNamespace(require(path))
  // Parse boundary: whatever a module exports, its namespace is an object of names.
  const namespace = (await import(pathToFileURL(path).href + query)) as Namespace
  const required = require.cache[path]
  const isCommonJs = required !== undefined && required.exports === namespace['default']
  return isCommonJs ? commonJsNamespace(required.exports) : namespace
}

// A file that is missing is left to import(), for Node's own error.
function isRequired(path: string, session: Session): boolean {
  if (!isCompiled(path)) return /\.(?:cjs|json)$/.test(path)
  return (
    (session.store.find(path) !== undefined || existsSync(path)) &&
    provide(session, path)?.format === 'commonjs'
  )
}

function commonJsNamespace(exported: unknown): Namespace {
  return { default: exported, ...Object(exported) }
}

function realpath(file: string): string {
  return existsSync(file) ? realpathSync(file) : resolve(file)
}

function differsFromDisk({ path, format, code }: StoredModule): boolean {
  if (!existsSync(path)) return true
  const text = readFileSync(path, 'utf8')
  return format === 'json' ? !sameJson(text, code) : text !== code
}

function sameJson(text: string, code: string): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(JSON.parse(code))
  } catch {
    // No longer JSON, so no longer the same.
    return false
  }
}
