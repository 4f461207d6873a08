// Arbiter and workers, main thread. Hooks for require() of the user's code: TypeScript runs from the store,
// and the arbiter records plain files as it loads them. A worker has handlers for plain files only if a
// recorded file has changed on disk.
import { isAbsolute } from 'node:path'
import { hasCode } from '../../os/error-code.ts'
import { COMPILED_EXTENSIONS, generationQuery, isLocal } from '../files/paths.ts'
import {
  commonJsLoader,
  type CommonJsLoader,
  type CommonJsModule,
  type RequireHandler,
  type ResolveFilename,
} from '../files/private-node.ts'
import { NOT_FOUND, pathOf, recordResolution, resolveFirst, resolveLast } from '../session/resolution.ts'
import { asCommonJs } from './required-module.ts'
import { isStored, keep, provide, type Session } from '../session/session.ts'
import type { StoredFormat } from '../files/pack.ts'
import { isObject } from '../../os/type-checks.ts'

export interface RequireHooks {
  /** Uses another session from now on and removes the loaded local modules from the cache. */
  switchTo(session: Session, loadNumber: number): void
  /** Changes nothing until `switchTo` is called again. */
  rest(): void
}

interface State {
  session: Session
  loadNumber: number
  isResting: boolean
  readonly loaded: Set<string>
}

/** Installs the require hooks, once in a process. */
export function installRequireHooks(session: Session): RequireHooks {
  const loader = commonJsLoader()
  const state: State = { session, loadNumber: 1, isResting: false, loaded: new Set() }
  const native = loader._extensions['.js']
  if (native === undefined)
    throw new Error(
      `Node ${process.version} has no require handler for .js, which tsgun needs to load TypeScript`,
    )
  for (const extension of COMPILED_EXTENSIONS) {
    loader._extensions[extension] = storedHandler(state, loader._extensions[extension] ?? native)
  }
  if (session.role === 'arbiter' || session.changed.size > 0) {
    loader._extensions['.js'] = storedHandler(state, recordingHandler(state, native))
    loader._extensions['.json'] = storedHandler(
      state,
      jsonHandler(state, loader._extensions['.json'] ?? native),
    )
  }
  loader._resolveFilename = resolver(state, loader._resolveFilename)
  return {
    switchTo(next, loadNumber) {
      forget(loader, state.loaded)
      Object.assign(state, { session: next, loadNumber, isResting: false })
    },
    rest: () => void (state.isResting = true),
  }
}

function forget(loader: CommonJsLoader, loaded: Set<string>): void {
  for (const path of loaded) Reflect.deleteProperty(loader._cache, path)
  // Node caches resolutions and would not notice that './x' moved from x.js to x/index.js.
  for (const [request, path] of Object.entries(loader._pathCache)) {
    if (loaded.has(path)) Reflect.deleteProperty(loader._pathCache, request)
  }
  loaded.clear()
}

function storedHandler(state: State, otherwise: RequireHandler): RequireHandler {
  return (module, filename) => {
    if (state.isResting) return otherwise(module, filename)
    const stored = provide(state.session, filename)
    if (isLocal(filename)) state.loaded.add(filename)
    if (stored === undefined) otherwise(module, filename)
    else if (stored.format === 'json') module.exports = JSON.parse(stored.code)
    else compileModule(state, module, { code: stored.code, filename, format: nodeFormat(stored.format) })
  }
}

function nodeFormat(format: StoredFormat): string | undefined {
  return format === 'detect' ? undefined : format
}

interface Code {
  readonly code: string
  readonly filename: string
  readonly format: string | undefined
}

// An ES module is cached by its URL, which require() makes from the name: the generation is added to the
// name.
function compileModule(state: State, module: CommonJsModule, { code, filename, format }: Code): void {
  const commonJs = format === 'module' ? asCommonJs(state.session, filename, code) : undefined
  if (commonJs !== undefined) module._compile(commonJs, filename, 'commonjs')
  else
    module._compile(
      code,
      format === 'module' ? filename + generationQuery(state.loadNumber) : filename,
      format,
    )
}

// Captures the code that Node's handler passes to the compiler, so that the recorded code is what ran.
function recordingHandler(state: State, native: RequireHandler): RequireHandler {
  return (module, filename) => {
    if (state.isResting || !isLocal(filename)) return native(module, filename)
    const compile = module._compile
    module._compile = (code, name, format) => {
      module._compile = compile
      try {
        compileModule(state, module, { code, filename: name, format })
      } finally {
        if (state.session.role === 'arbiter')
          record(state.session, {
            path: name,
            format: storedFormat(format),
            code,
            exports: Object.keys(Object(module.exports)),
          })
      }
    }
    native(module, filename)
  }
}

function storedFormat(format: string | undefined): StoredFormat {
  return format === 'module' || format === 'commonjs' ? format : 'detect'
}

function jsonHandler(state: State, native: RequireHandler): RequireHandler {
  return (module, filename) => {
    native(module, filename)
    if (state.isResting || state.session.role !== 'arbiter' || !isLocal(filename)) return
    // Node's handler does not expose the text; its parsed value is equivalent.
    record(state.session, {
      path: filename,
      format: 'json',
      code: JSON.stringify(module.exports),
      exports: [],
    })
  }
}

interface Recorded {
  readonly path: string
  readonly format: StoredFormat
  readonly code: string
  readonly exports: readonly string[]
}

function record(session: Session, recorded: Recorded): void {
  keep(session, () => session.store.save({ ...recorded, reexports: [] }))
}

function resolver(state: State, native: ResolveFilename): ResolveFilename {
  return (request, parent, ...rest) => {
    if (state.isResting) return native(request, parent, ...rest)
    const path = resolveRequest(state, request, parent?.filename ?? undefined, {
      native: () => native(request, parent, ...rest),
      hasPaths: hasPaths(rest[1]),
    })
    if (isAbsolute(path)) state.session.report?.(path)
    return path
  }
}

interface NativeResolution {
  readonly native: () => string
  readonly hasPaths: boolean
}

function resolveRequest(
  { session }: State,
  request: string,
  from: string | undefined,
  { native, hasPaths }: NativeResolution,
): string {
  // A stored file may be missing on disk.
  if (isAbsolute(request) && isStored(session, request)) return request
  if (from === undefined || !isLocal(from) || hasPaths) return native()
  const path = resolveFirst(session, from, request) ?? nativeOrLast(session, from, request, native)
  recordResolution(session, from, request, path)
  return path
}

// require.resolve(request, { paths }) resolves from other directories than that of the module.
function hasPaths(options: unknown): boolean {
  return isObject(options) && options['paths'] !== undefined
}

function nativeOrLast(session: Session, from: string, request: string, native: () => string): string {
  try {
    return native()
  } catch (error) {
    const path = hasCode(error, ...NOT_FOUND) ? resolveLast(session, from, request) : undefined
    if (path !== undefined) return path
    const missing = pathOf(from, request)
    if (missing !== undefined) session.report?.(missing)
    throw error
  }
}
