// Arbiter and workers. Shared by both ways of compiling (one file, many files): the options of esbuild, and
// changes to its output that make stack traces, import.meta and imports by name work.
import { pathToFileURL } from 'node:url'
import type { BuildOptions, CommonOptions, Loader } from 'esbuild'
import type { StoredModule } from '../files/pack.ts'
import { mapPrefix } from '../source-maps/map-of-code.ts'
import type { Compiled } from '../metadata/protocol.ts'
import { requireEsbuild } from './esbuild.ts'
import type { FileOptions } from './file-options.ts'

const META = {
  url: '__tsgun_import_meta_url',
  resolve: '__tsgun_import_meta_resolve',
  main: '__tsgun_import_meta_main',
} as const

/** Options for every call of esbuild. `target` compiles what this Node cannot run, such as decorators. */
export const compileOptions = {
  platform: 'node',
  target: `node${process.versions.node}`,
  sourcesContent: false,
  logLevel: 'silent',
} as const satisfies CommonOptions

/** Replacements for import.meta in CommonJS; `finish` declares those that Node does not define. */
export const commonJsDefine = {
  'import.meta.url': META.url,
  'import.meta.resolve': META.resolve,
  'import.meta.main': META.main,
  'import.meta.dirname': '__dirname',
  'import.meta.filename': '__filename',
} as const

const DECLARATIONS: Readonly<Record<string, string>> = {
  [META.url]: `const ${META.url}=require("node:url").pathToFileURL(__filename).href;`,
  [META.main]: `const ${META.main}=require.main===module;`,
  [META.resolve]:
    `const ${META.resolve}=(to)=>/^[a-z]+:/.test(to)?to:` +
    'require("node:url").pathToFileURL(require.resolve(to)).href;',
}

/** What a compiler returns: code, and its source map as JSON. */
export interface Output {
  readonly code: string
  readonly map: string
}

/** Options for files that are compiled one by one. */
export function formatOptions(
  format: Compiled['format'],
  options: FileOptions,
): BuildOptions & { readonly write: false } {
  return {
    ...compileOptions,
    ...(format === 'module' ? { format: 'esm' } : { format: 'cjs', define: commonJsDefine }),
    ...options,
    absWorkingDir: '/',
    outdir: '/',
    sourcemap: 'external',
    write: false,
  }
}

/** The loader of esbuild for a file. */
export function loaderOf(path: string): Loader {
  return path.endsWith('.tsx') ? 'tsx' : path.endsWith('.jsx') ? 'jsx' : 'ts'
}

/** Creates a stored module from the output of esbuild. */
export function finish(path: string, format: Compiled['format'], output: Output): StoredModule {
  const { names: exports, reexports } =
    format === 'commonjs' ? annotatedExports(output.code) : { names: [], reexports: [] }
  return finishCompiled(path, { format, ...output, exports, reexports })
}

/** Creates a stored module from the output of any compiler. */
export function finishCompiled(path: string, compiled: Compiled): StoredModule {
  const { format, exports, reexports } = compiled
  const { code, map } = format === 'commonjs' ? withoutMeta(path, compiled) : compiled
  const start = format === 'commonjs' ? declareMeta(code) : declareRequire(code)
  return { path, format, code: `${start}\n${sourceMapComment(path, map)}`, exports, reexports }
}

// Other compilers than esbuild leave import.meta in CommonJS.
function withoutMeta(path: string, { code, map }: Output): Output {
  if (!/\bimport\.meta\b/.test(code)) return { code, map }
  return requireEsbuild().transformSync(`${code}\n${sourceMapComment(path, map)}`, {
    ...compileOptions,
    define: commonJsDefine,
    sourcemap: 'external',
    sourcefile: path,
  })
}

// `import x = require('y')` in an ES module.
function declareRequire(code: string): string {
  const isUsed = /^(?:export )?(?:const|var) [\w$]+ = require\(/m.test(code)
  const isDeclared = /\b(?:const|let|var|function) require\b|\bas require\b/.test(code)
  if (!isUsed || isDeclared) return code
  const [hashbang = ''] = /^#!.*\n/.exec(code) ?? []
  return (
    `${hashbang}import{createRequire as __tsgun_create_require}from"node:module";` +
    `const require=__tsgun_create_require(import.meta.url);${code.slice(hashbang.length)}`
  )
}

// On the first line, so that the source map stays correct, after a hashbang and "use strict".
function declareMeta(code: string): string {
  const declarations = Object.entries(DECLARATIONS)
    .filter(([name]) => code.includes(name))
    .map(([, text]) => text)
  if (declarations.length === 0) return code
  const [start = ''] = /^(?:#!.*\n)?(?:"use strict";)?/.exec(code) ?? []
  return start + declarations.join('') + code.slice(start.length)
}

// The source is an absolute URL: Node resolves a relative one against the module.
function sourceMapComment(path: string, map: string): string {
  const parsed: unknown = JSON.parse(map)
  const absolute = JSON.stringify({ ...Object(parsed), sources: [pathToFileURL(path).href] })
  return `${mapPrefix}${Buffer.from(absolute).toString('base64')}\n`
}

// esbuild ends CommonJS output with `0 && (module.exports = { a, b, ...require("./c") })` for Node's lexer.
function annotatedExports(code: string): { names: readonly string[]; reexports: readonly string[] } {
  const start = code.lastIndexOf('\n0 && (module.exports = {')
  if (start === -1) return { names: [], reexports: [] }
  const lines = code
    .slice(start, code.indexOf('})', start))
    .split('\n')
    .slice(2)
    .map((line) => line.trim().replace(/,$/, ''))
  const reexports = lines.flatMap((line) => /^\.\.\.require\((".*")\)$/.exec(line)?.[1] ?? []).map(fromJson)
  const names = lines
    .filter((line) => line !== '' && !line.startsWith('...'))
    .map((line) => (line.startsWith('"') ? fromJson(line) : line))
  return { names, reexports }
}

function fromJson(text: string): string {
  return String(JSON.parse(text))
}
