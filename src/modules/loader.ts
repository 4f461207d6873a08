// Arbiter and workers: loads user code. The arbiter loads config and hook scripts and records their code in
// the store of the generation. A worker loads config, hook scripts and app, and runs the recorded code, even
// if the files have changed since.
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { leaveRemovedDirectory } from '../os/process/removed-directory.ts'
import { loadCompiler } from './compile/compile.ts'
import { compileGraph, reachedFiles } from './compile/graph.ts'
import { needsHookThread, startHookThread, type HookThread } from './hooks/hook-thread.ts'
import { installImportHooks, type ImportHooks } from './hooks/install-import-hooks.ts'
import type { StoredModule } from './files/pack.ts'
import { generationQuery, isCompiled } from './files/paths.ts'
import { installRequireHooks, type RequireHooks } from './hooks/require-hooks.ts'
import { ownFile } from '../os/own-code.ts'
import { passOn } from './inherit/pass-on.ts'
import { isPlainCommonJs, markMain, requireMain } from './main-module.ts'
import { createSession, provide, type ReportFile, type Session } from './session/session.ts'
import { ThreadSource } from './metadata/thread-source.ts'
import { mapStackTraces } from './source-maps/stack-traces.ts'
import { createStore, openInheritedStore, openStore, type Store } from './files/store.ts'

/** The exports of a user's module by name. */
export type Namespace = Readonly<Record<string, unknown>>

export interface ModuleLoader {
  /**
   * Imports or requires a user's file and resolves to its namespace (for CommonJS: `{ default:
   * module.exports, ...its own enumerable keys }`).
   */
  load(file: string): Promise<Namespace>
}

export interface ArbiterLoader extends ModuleLoader {
  /**
   * Starts a generation with an existing, empty store directory. Files loaded from now on are read from disk
   * again. `loadNumber`: of this process, where it has several loaders; default: that of this loader.
   */
  begin(storeDirectory: string, loadNumber?: number): void
  /** Modules of this process are loaded as without this loader until the next generation begins. */
  rest(): void
  /**
   * Compiles all TypeScript that the entry of an app reaches, for the workers. Called after the config and
   * the hook scripts are loaded.
   */
  precompile(entryFile: string): Promise<void>
  /** Resolves with the local files that an entry reaches by literal imports; none if it does not compile. */
  reach(entryFile: string): Promise<readonly string[]>
  /**
   * Loads what later generations may need of tsgun's own packages, so that these may be removed. Called after
   * `begin`.
   */
  keepCompiler(): Promise<void>
  /** The files of this generation so far, also those that could not be loaded. */
  files(): readonly string[]
}

export interface WorkerLoader extends ModuleLoader {
  /** Loads a file as Node loads that of `node app.js`, once in a process. */
  loadMain(file: string): Promise<Namespace>
}

/** The loader of a worker that reports the files it loads. */
export interface ObservedLoader extends WorkerLoader {
  /** Passes on what the hook thread has reported so far. */
  takeReports(): void
}

/** What was compiled of this generation: the files that each entry reaches. */
type Reached = Map<string, readonly string[]>

// The parent under which the resolution of an entry is stored, which no file imports.
const NO_PARENT = ''

const require = createRequire(import.meta.url)

/** Creates the loader of the arbiter. `name`: where a process has several, which load in turn. */
export function createArbiterLoader(name?: string): ArbiterLoader {
  let current:
    { readonly session: Session; readonly loadNumber: number; readonly reached: Reached } | undefined
  let hooks: Hooks | undefined
  const threads = new ThreadSource()
  const installFor = ({ session, loadNumber }: NonNullable<typeof current>): Hooks => {
    const thread = name !== undefined && needsHookThread() ? startHookThread(name) : undefined
    const installed = install(session, thread)
    installed.require.switchTo(session, loadNumber)
    return installed
  }
  const begun = (): NonNullable<typeof current> => {
    if (current === undefined) throw new Error('begin() must be called before load() and precompile()')
    return current
  }
  return {
    begin(storeDirectory, given) {
      leaveRemovedDirectory() // a compiler may need a thread
      const session = createSession('arbiter', createStore(storeDirectory), { threads })
      const loadNumber = given ?? (current?.loadNumber ?? 0) + 1
      current = { session, loadNumber, reached: new Map() }
      hooks?.require.switchTo(session, loadNumber)
      hooks?.imports.switchTo(session)
    },
    rest() {
      hooks?.require.rest()
      hooks?.imports.rest()
    },
    async load(file) {
      const { session, loadNumber } = begun()
      // Only at the first file: a config in JSON needs no hooks.
      hooks ??= installFor(begun())
      process.setSourceMapsEnabled(true)
      const path = realpath(file)
      session.store.saveResolution(NO_PARENT, resolve(file), path)
      return loadFile(path, session, generationQuery(loadNumber))
    },
    async precompile(entryFile) {
      const { session, reached } = begun()
      const { store } = session
      const path = realpath(entryFile)
      // The entry may be below a symlink to the current release, which is switched before a reload.
      store.saveResolution(NO_PARENT, resolve(entryFile), path)
      const { files, modules, resolutions } = await compileGraph(path, threads)
      reached.set(path, files)
      // A store with TypeScript makes workers install hooks.
      if (modules.length > 0) store.savePack(entryFile, modules, resolutions)
    },
    async reach(entryFile) {
      const path = realpath(entryFile)
      return current?.reached.get(path) ?? (await reachedFiles(path))
    },
    async keepCompiler() {
      hooks ??= installFor(begun())
      loadCompiler(threads)
      await hooks.imports.loadCompiler()
    },
    files: () => openStore(begun().session.store.directory).paths(),
  }
}

export interface WorkerLoaderOptions {
  /** Called with each file that is loaded or not found. */
  readonly report?: ReportFile | undefined
  /** The hook thread of this process, if it was started already. */
  readonly hooks?: HookThread | undefined
}

/** Creates the loader of a worker or its thread, once. Installs no hooks for unchanged plain JavaScript. */
export function createWorkerLoader(
  storeDirectory: string,
  { report, hooks: started }: WorkerLoaderOptions = {},
): ObservedLoader {
  const store = openStore(storeDirectory)
  const changed = changedOnDisk(store)
  const session = createSession('worker', store, { changed, report })
  let hooks: Hooks | undefined
  const installOnce = (): void => {
    if (hooks !== undefined) return
    hooks = install(session, started)
    passOn(store.directory)
  }
  mapStackTraces((path) => codeIn(store, path))
  const needsHooks = store.hasTypeScript() || store.paths().includes(ownFile('index'))
  if (needsHooks || changed.length > 0 || report !== undefined) installOnce()
  const pathOf = (file: string): string => {
    const path = store.resolution(NO_PARENT, resolve(file)) ?? realpath(file)
    report?.(path)
    if (isCompiled(path)) installOnce()
    return path
  }
  return {
    load: async (file) => loadFile(pathOf(file), session, ''),
    loadMain: async (file) => loadMainFile(pathOf(file), session),
    takeReports: () => hooks?.imports.takeReports(),
  }
}

/**
 * Loads TypeScript in a thread or process that an app has started, with the code of the generation for as
 * long as that exists. `program`: the file that Node runs.
 */
export function installInherited(storeDirectory: string, program: string | undefined): void {
  const store = openInheritedStore(storeDirectory)
  const changed = changedOnDisk(store)
  const session = createSession('worker', store, { changed, program })
  install(session)
  mapStackTraces((path) => (isCompiled(path) ? session.store.find(path)?.code : undefined))
  passOn(storeDirectory)
}

function changedOnDisk(store: Store): readonly string[] {
  return store
    .plainModules()
    .filter(differsFromDisk)
    .map(({ path }) => path)
}

/** Returns the compiled code of a file; undefined if the store no longer exists. */
function codeIn(store: Store, path: string): string | undefined {
  return isCompiled(path) && existsSync(store.directory) ? store.find(path)?.code : undefined
}

interface Hooks {
  readonly require: RequireHooks
  readonly imports: ImportHooks
}

function install(session: Session, started?: HookThread): Hooks {
  return { require: installRequireHooks(session), imports: installImportHooks(session, started) }
}

async function loadFile(path: string, session: Session, query: string): Promise<Namespace> {
  if (isRequired(path, session)) return commonJsNamespace(require(path))
  // Parse boundary: the namespace of a module is an object.
  const namespace = (await import(pathToFileURL(path).href + query)) as Namespace
  const required = require.cache[path]
  const isCommonJs = required !== undefined && required.exports === namespace['default']
  return isCommonJs ? commonJsNamespace(required.exports) : namespace
}

async function loadMainFile(path: string, session: Session): Promise<Namespace> {
  if (existsSync(path) && (isCompiled(path) ? isRequired(path, session) : isPlainCommonJs(path)))
    return commonJsNamespace(requireMain(path))
  markMain(path)
  return loadFile(path, session, '')
}

// A missing file is imported, for the error of Node.
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
    return false // no longer JSON, so it has changed
  }
}
