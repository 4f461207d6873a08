// Arbiter and workers, main and hook thread. Compiles one TypeScript file that no process of the generation
// has compiled: with esbuild-register for CommonJS, with esbuild for ES modules, with the project's own
// compiler if it needs decorator metadata. None is loaded before the first such file.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BuildOptions } from 'esbuild'
import { createKindReader, type Kind } from '../files/kind.ts'
import type { StoredModule } from '../files/pack.ts'
import type { RequireHandler } from '../files/private-node.ts'
import { createTsconfigReader, tsconfigLibrary, type TsconfigReader } from '../files/tsconfig.ts'
import { createMetadataCompiler } from '../metadata/client.ts'
import { findCompiler, noCompiler } from '../metadata/find-compiler.ts'
import { ThreadSource } from '../metadata/thread-source.ts'
import { metadataTask } from '../metadata/needs-metadata.ts'
import { compileOptions, finish, finishCompiled, formatOptions, loaderOf } from './compiled-code.ts'
import { requireEsbuild } from './esbuild.ts'
import { runEsbuild } from './esbuild-failure.ts'
import { fileOptions, type FileOptions } from './file-options.ts'
import { compileWithRegister, esbuildRegisterHandler } from './register-handler.ts'
import { esbuildMessages, needsModuleFormat, readableSyntaxError } from './syntax-error.ts'

// What esbuild calls for a decorator.
const DECORATION = '__decorateClass('

const require = createRequire(import.meta.url)

/** Compiles a file as CommonJS or ES module by the rules of Node. Throws a readable SyntaxError. */
export type Compile = (path: string) => StoredModule

export interface Compiler {
  readonly compile: Compile
  readonly tsconfig: TsconfigReader
}

/** Creates the compiler of a generation in a process or hook thread. */
export function createCompiler(threads = new ThreadSource()): Compiler {
  const tsconfig = createTsconfigReader()
  const metadata = createMetadataCompiler(threads)
  let handler: RequireHandler | undefined
  const compileCommonJs = (path: string): StoredModule => {
    const options = fileOptions(path, tsconfig)
    if (!suitsRegister(path, tsconfig, options)) return compileWithEsbuild(path, 'commonjs', options)
    handler ??= esbuildRegisterHandler()
    return finish(path, 'commonjs', compileWithRegister(path, handler))
  }
  const withoutMetadata = (path: string, kind: Kind): StoredModule => {
    const asModule = (): StoredModule => compileWithEsbuild(path, 'module', fileOptions(path, tsconfig))
    if (kind === 'module') return readably(path, asModule)
    try {
      return compileCommonJs(path)
    } catch (error) {
      if (kind === 'ambiguous' && needsModuleFormat(esbuildMessages(error) ?? []))
        return readably(path, asModule)
      throw readableSyntaxError(path, error)
    }
  }
  const compile: Compile = (path) => {
    const kindOf = createKindReader()
    const task = metadataTask(path, tsconfig, kindOf)
    if (task !== undefined && findCompiler(path) !== undefined)
      return finishCompiled(path, metadata.compileNow(task))
    const compiled = runEsbuild(() => withoutMetadata(path, kindOf(path)))
    if (task !== undefined && compiled.code.includes(DECORATION)) throw noCompiler(path)
    return compiled
  }
  return { compile, tsconfig }
}

// esbuild-register passes the nearest tsconfig.json to esbuild as text; "extends" works only with esbuild.
function suitsRegister(path: string, tsconfig: TsconfigReader, { jsx }: FileOptions): boolean {
  return jsx === undefined && !/"(?:extends|references)"\s*:/.test(tsconfig.textNear(path))
}

/** Loads what compiles, so that the files of its packages may be removed. */
export function loadCompiler(threads: ThreadSource): void {
  requireEsbuild()
  threads.keep(bundle)
  require('esbuild-register/dist/node')
  tsconfigLibrary()
}

function bundle(file: string): string {
  const { outputFiles } = runEsbuild(() =>
    requireEsbuild().buildSync({
      ...compileOptions,
      absWorkingDir: '/',
      entryPoints: [file],
      bundle: true,
      format: 'cjs',
      define: { 'import.meta.url': JSON.stringify(pathToFileURL(file).href) },
      write: false,
    }),
  )
  return outputFiles[0]?.text ?? ''
}

function readably(path: string, compile: () => StoredModule): StoredModule {
  try {
    return compile()
  } catch (error) {
    throw readableSyntaxError(path, error)
  }
}

function compileWithEsbuild(path: string, format: 'module' | 'commonjs', options: FileOptions): StoredModule {
  const { outputFiles } = requireEsbuild().buildSync({
    ...formatOptions(format, options),
    ...entryOf(path),
  })
  const text = (suffix: string): string => outputFiles.find((file) => file.path.endsWith(suffix))?.text ?? ''
  return finish(path, format, { code: text('.js'), map: text('.js.map') })
}

// To esbuild an entry with an asterisk is a pattern. As standard input the file needs no name.
function entryOf(path: string): Pick<BuildOptions, 'entryPoints' | 'stdin'> {
  if (!path.includes('*')) return { entryPoints: [{ in: path, out: 'out' }] }
  return {
    stdin: {
      contents: readFileSync(path, 'utf8'),
      resolveDir: dirname(path),
      sourcefile: basename(path),
      loader: loaderOf(path),
    },
  }
}
