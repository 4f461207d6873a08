// Arbiter (whole app, asynchronously) and any process that meets a tsconfig "paths" import (synchronously). Two runs of esbuild
// over everything that an entry reaches: one to learn which local files there are and what each import means, one to compile
// them file by file. A file that does not compile is left out; the process that loads it reports that.
import { dirname } from 'node:path'
import type { BuildOptions, BuildResult, Message, Metafile } from 'esbuild'
import { commonJsDefine, compileOptions, finish } from './compiled-code.ts'
import { createKindReader } from './kind.ts'
import type { Resolutions, StoredModule } from './pack.ts'
import { nearestTsconfig, requireEsbuild } from './compile.ts'
import { COMPILED_EXTENSIONS, isCompiled, isLocal } from './paths.ts'
import { esbuildMessages, needsModuleFormat } from './syntax-error.ts'

export interface Graph {
  readonly modules: readonly StoredModule[]
  readonly resolutions: Resolutions
}

type Build<Options extends BuildOptions> = BuildResult<Options>
type SurveyOptions = BuildOptions & { readonly metafile: true; readonly write: false }
type CompileOptions = BuildOptions & { readonly write: false }

interface Group {
  readonly format: 'module' | 'commonjs'
  readonly paths: readonly string[]
}

/** Compiles an entry and all local TypeScript that it reaches, with a short-lived esbuild process beside the event loop. */
export async function compileGraph(entry: string): Promise<Graph> {
  const esbuild = requireEsbuild()
  try {
    const metafile = await survey(entry, (options) => esbuild.build(options))
    const paths = localInputs(metafile).filter((path) => isCompiled(path))
    const modules = await compileGroups(groupByKind(paths), (options) => esbuild.build(options))
    return { modules, resolutions: resolutionsOf(metafile) }
  } finally {
    await esbuild.stop()
  }
}

/** What each import means in a file and all that it reaches; undefined when no tsconfig.json could say more than Node. */
export function resolveGraph(entry: string): Resolutions | undefined {
  if (!/"(?:paths|baseUrl|extends)"\s*:/.test(nearestTsconfig(dirname(entry)))) return undefined
  const esbuild = requireEsbuild()
  let left: readonly string[] = []
  for (;;) {
    try {
      return resolutionsOf(esbuild.buildSync(surveyOptions(entry, left)).metafile)
    } catch (error) {
      const more = withoutFailing(left, error)
      if (more === undefined) return undefined
      left = more
    }
  }
}

async function survey(entry: string, build: (options: SurveyOptions) => Promise<Build<SurveyOptions>>): Promise<Metafile> {
  let left: readonly string[] = []
  for (;;) {
    try {
      return (await build(surveyOptions(entry, left))).metafile
    } catch (error) {
      const more = withoutFailing(left, error)
      if (more === undefined) return { inputs: {}, outputs: {} }
      left = more
    }
  }
}

function surveyOptions(entry: string, leftOut: readonly string[]): SurveyOptions {
  return {
    ...compileOptions,
    absWorkingDir: '/',
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    packages: 'external',
    external: [...leftOut],
    resolveExtensions: [...COMPILED_EXTENSIONS, '.js', '.mjs', '.cjs', '.json', '.node'],
    loader: { '.node': 'empty', '.wasm': 'empty' },
    outdir: '/',
    metafile: true,
    write: false,
  }
}

// Undefined when leaving out these files cannot help: the failure is not about a file, or it is about the entry.
function withoutFailing(leftOut: readonly string[], error: unknown): readonly string[] | undefined {
  const messages = esbuildMessages(error)
  if (messages === undefined) throw error
  const failing = filesOf(messages).filter((path) => !leftOut.includes(path))
  return failing.length === 0 ? undefined : [...leftOut, ...failing]
}

function filesOf(messages: readonly Message[]): readonly string[] {
  return [...new Set(messages.flatMap(({ location }) => (location === null ? [] : [absolute(location.file)])))]
}

function absolute(input: string): string {
  return `/${input}`
}

function localInputs(metafile: Metafile): readonly string[] {
  return Object.keys(metafile.inputs)
    .map(absolute)
    .filter((path) => isLocal(path))
}

function resolutionsOf(metafile: Metafile): Resolutions {
  const entries = Object.entries(metafile.inputs).flatMap(([input, { imports }]) => {
    const parent = absolute(input)
    if (!isCompiled(parent) || !isLocal(parent)) return []
    const local = imports.flatMap(({ path, original, external }) =>
      original === undefined || external === true ? [] : [[original, absolute(path)] as const],
    )
    return local.length === 0 ? [] : [[parent, Object.fromEntries(local)] as const]
  })
  return Object.fromEntries(entries)
}

function groupByKind(paths: readonly string[]): readonly Group[] {
  const kindOf = createKindReader()
  const modules = new Set(paths.filter((path) => kindOf(path) === 'module'))
  return [
    { format: 'module', paths: [...modules] },
    { format: 'commonjs', paths: paths.filter((path) => !modules.has(path)) },
  ]
}

async function compileGroups(
  groups: readonly Group[],
  build: (options: CompileOptions) => Promise<Build<CompileOptions>>,
): Promise<readonly StoredModule[]> {
  const kindOf = createKindReader()
  const todo = [...groups]
  const done: StoredModule[] = []
  for (let group = todo.pop(); group !== undefined; group = todo.pop()) {
    const { format, paths } = group
    if (paths.length === 0) continue
    try {
      done.push(...modulesOf(group, await build(groupOptions(group))))
    } catch (error) {
      const messages = esbuildMessages(error) ?? []
      const failing = filesOf(messages)
      if (failing.length === 0) throw error
      const awaiting =
        format === 'module'
          ? []
          : failing.filter((path) => kindOf(path) === 'ambiguous' && needsModuleFormat(messagesOf(path, messages)))
      todo.push({ format, paths: paths.filter((path) => !failing.includes(path)) }, { format: 'module', paths: awaiting })
    }
  }
  return done
}

function messagesOf(path: string, messages: readonly Message[]): readonly Message[] {
  return messages.filter(({ location }) => location !== null && absolute(location.file) === path)
}

function groupOptions({ format, paths }: Group): CompileOptions {
  return {
    ...compileOptions,
    ...(format === 'module' ? { format: 'esm' } : { format: 'cjs', define: commonJsDefine }),
    absWorkingDir: '/',
    entryPoints: paths.map((path, nr) => ({ in: path, out: String(nr) })),
    outdir: '/',
    sourcemap: 'external',
    write: false,
  }
}

function modulesOf({ format, paths }: Group, { outputFiles }: Build<CompileOptions>): readonly StoredModule[] {
  const texts = new Map(outputFiles.map((file) => [file.path, file.text]))
  return paths.map((path, nr) =>
    finish(path, format, { code: texts.get(`/${nr}.js`) ?? '', map: texts.get(`/${nr}.js.map`) ?? '{}' }),
  )
}
