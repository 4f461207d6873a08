// Arbiter and workers, main and hook thread. The only file that uses Node's private CommonJS loader
// (Module._extensions, Module._resolveFilename, Module._load, Module._cache, Module.prototype._compile) and
// module.registerHooks, which Node 20 does not have. Each is checked, so that a Node without it causes a
// clear error.
import Module, {
  type LoadFnOutput,
  type LoadHookContext,
  type ResolveFnOutput,
  type ResolveHookContext,
} from 'node:module'

/**
 * A module, as require handlers use it. `_compile` runs code as the module; `format` works since Node 20.19.
 */
export interface CommonJsModule {
  exports: unknown
  _compile(code: string, filename: string, format?: string): unknown
}

export type RequireHandler = (module: CommonJsModule, filename: string) => void

export type ResolveFilename = (
  request: string,
  parent: { readonly filename?: string | null } | undefined,
  ...rest: unknown[]
) => string

export interface CommonJsLoader {
  readonly _extensions: Record<string, RequireHandler | undefined>
  _resolveFilename: ResolveFilename
  /** With `isMain` it is `require.main`. Returns its exports. */
  _load(path: string, parent: null, isMain: boolean): unknown
  readonly _cache: Record<string, { readonly exports: unknown } | undefined>
  readonly _pathCache: Record<string, string>
}

export interface SynchronousHooks {
  resolve(
    specifier: string,
    context: ResolveHookContext,
    next: (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput,
  ): ResolveFnOutput
  load(
    url: string,
    context: LoadHookContext,
    next: (url: string, context?: Partial<LoadHookContext>) => LoadFnOutput,
  ): LoadFnOutput
}

/** Returns Node's CommonJS loader with its private parts. Throws if one is missing. */
export function commonJsLoader(): CommonJsLoader {
  const types = {
    _extensions: 'object',
    _resolveFilename: 'function',
    _load: 'function',
    _cache: 'object',
    _pathCache: 'object',
  } as const
  for (const [name, type] of Object.entries(types)) {
    if (typeof Reflect.get(Module, name) !== type)
      throw new Error(`Node ${process.version} has no Module.${name}, which tsgun needs to load TypeScript`)
  }
  // Parse boundary: @types/node leaves the private parts out; their presence was checked above.
  return Module as unknown as CommonJsLoader
}

/** Returns `module.registerHooks`, whose hooks run in the same thread; undefined before Node 22.15. */
export function synchronousHooksRegistrar(): ((hooks: SynchronousHooks) => void) | undefined {
  const register: unknown = Reflect.get(Module, 'registerHooks')
  // Parse boundary: the type is that of https://nodejs.org/api/module.html#moduleregisterhooksoptions.
  return typeof register === 'function' ? (register as (hooks: SynchronousHooks) => void) : undefined
}
