// Arbiter and workers, main and hook thread. Compiles one TypeScript file that no process of the generation
// has compiled: with esbuild-register for CommonJS, with esbuild for ES modules. Neither is loaded before
// the first such file.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type * as EsbuildRegister from 'esbuild-register/dist/node'
import { commonJsDefine, compileOptions, finish } from './compiled-code.ts'
import { inRoot, requireEsbuild } from './esbuild.ts'
import { createKindReader } from '../files/kind.ts'
import type { StoredModule } from '../files/pack.ts'
import { COMPILED_EXTENSIONS } from '../files/paths.ts'
import { commonJsLoader, type RequireHandler } from '../files/private-node.ts'
import { esbuildMessages, needsModuleFormat, readableSyntaxError } from './syntax-error.ts'

const require = createRequire(import.meta.url)

/** Compiles a file as CommonJS or ES module by the rules of Node. Throws a readable SyntaxError. */
export type Compile = (path: string) => StoredModule

/** Creates the compiler of a process or hook thread. It loads esbuild-register once, when it is needed. */
export function createCompiler(): Compile {
  let handler: RequireHandler | undefined
  // esbuild-register passes the nearest tsconfig.json to esbuild as text; "extends" works only with esbuild.
  const compileCommonJs = (path: string): StoredModule => {
    if (/"extends"\s*:/.test(nearestTsconfig(dirname(path)))) return compileWithEsbuild(path, 'commonjs')
    handler ??= esbuildRegisterHandler()
    return compileWithRegister(path, handler)
  }
  return (path) => {
    const kind = createKindReader()(path)
    const asModule = (): StoredModule => compileWithEsbuild(path, 'module')
    if (kind === 'module') return readably(path, asModule)
    try {
      return compileCommonJs(path)
    } catch (error) {
      if (kind === 'ambiguous' && needsModuleFormat(esbuildMessages(error) ?? []))
        return readably(path, asModule)
      throw readableSyntaxError(path, error)
    }
  }
}

function readably(path: string, compile: () => StoredModule): StoredModule {
  try {
    return compile()
  } catch (error) {
    throw readableSyntaxError(path, error)
  }
}

/** Loads both packages, so that their files may be removed. */
export function loadCompiler(): void {
  requireEsbuild()
  require('esbuild-register/dist/node')
}

function compileWithEsbuild(path: string, format: 'module' | 'commonjs'): StoredModule {
  const { outputFiles } = requireEsbuild().buildSync({
    ...compileOptions,
    ...(format === 'module' ? { format: 'esm' } : { format: 'cjs', define: commonJsDefine }),
    absWorkingDir: '/',
    entryPoints: [{ in: path, out: 'out' }],
    outdir: '/',
    sourcemap: 'external',
    write: false,
  })
  const text = (suffix: string): string => outputFiles.find((file) => file.path.endsWith(suffix))?.text ?? ''
  return finish(path, format, { code: text('.js'), map: text('.js.map') })
}

function compileWithRegister(path: string, handler: RequireHandler): StoredModule {
  const captured: string[] = []
  handler({ exports: {}, _compile: (code) => captured.push(code) }, path)
  const [code = '', map = ''] = captured
    .join('')
    .split('\n//# sourceMappingURL=data:application/json;base64,')
  return finish(path, 'commonjs', { code, map: Buffer.from(map, 'base64').toString('utf8') })
}

// esbuild-register is meant to stay registered. Here only its handler is used and everything that it
// replaced is restored: a registered handler would not give us the compiled code, and its `paths` would
// start at the working directory, for all modules of the process.
function esbuildRegisterHandler(): RequireHandler {
  requireEsbuild() // first, because esbuild-register would load it with threads
  const loader = commonJsLoader()
  const before = { handlers: { ...loader._extensions }, resolve: loader._resolveFilename }
  const read: RequireHandler = (module, filename) =>
    void module._compile(readFileSync(filename, 'utf8'), filename)
  for (const extension of COMPILED_EXTENSIONS) loader._extensions[extension] = read
  // Parse boundary: require() is untyped.
  const { register } = require('esbuild-register/dist/node') as typeof EsbuildRegister
  const options = {
    ...compileOptions,
    format: 'cjs',
    define: commonJsDefine,
    banner: '',
    sourcemap: 'inline',
  } as const
  // It looks for a tsconfig.json in the working directory, whose paths are not used here.
  inRoot(() => register({ ...options, extensions: [...COMPILED_EXTENSIONS], hookIgnoreNodeModules: false }))
  const handler = loader._extensions['.ts'] ?? read
  loader._resolveFilename = before.resolve
  for (const extension of [...COMPILED_EXTENSIONS, '.js'])
    restore(loader._extensions, extension, before.handlers[extension])
  return handler
}

function restore(
  handlers: Record<string, RequireHandler | undefined>,
  extension: string,
  handler: RequireHandler | undefined,
): void {
  if (handler === undefined) Reflect.deleteProperty(handlers, extension)
  else handlers[extension] = handler
}

/** Returns the text of the tsconfig.json that applies to a directory; empty without one. */
export function nearestTsconfig(directory: string): string {
  try {
    return readFileSync(join(directory, 'tsconfig.json'), 'utf8')
  } catch {
    // Missing, or unreadable, which esbuild reports: try the parent directory.
    return dirname(directory) === directory ? '' : nearestTsconfig(dirname(directory))
  }
}
