// Arbiter, asynchronously. Compiles all local TypeScript that the entry of an app reaches, in two runs of
// esbuild instead of one run per file. File by file, because a bundle would duplicate modules that config
// and app share.
import type { BuildOptions, BuildResult } from 'esbuild'
import { requireEsbuild } from './esbuild.ts'
import { commonJsDefine, compileOptions, finish } from './compiled-code.ts'
import { createKindReader } from '../files/kind.ts'
import type { Resolutions, StoredModule } from '../files/pack.ts'
import { compiledInputs, filesOf, resolutionsOf, survey } from './survey.ts'
import { esbuildMessages, needsModuleFormat } from './syntax-error.ts'

export interface Graph {
  readonly modules: readonly StoredModule[]
  readonly resolutions: Resolutions
}

type CompileOptions = BuildOptions & { readonly write: false }

interface Group {
  readonly format: 'module' | 'commonjs'
  readonly paths: readonly string[]
}

/** Compiles an entry and all local TypeScript that it reaches, with a short-lived process of esbuild. */
export async function compileGraph(entry: string): Promise<Graph> {
  try {
    const metafile = await survey(entry)
    const modules = await compileGroups(groupByKind(compiledInputs(metafile)))
    return { modules, resolutions: resolutionsOf(metafile) }
  } finally {
    await requireEsbuild().stop()
  }
}

function groupByKind(paths: readonly string[]): readonly Group[] {
  const kindOf = createKindReader()
  const modules = new Set(paths.filter((path) => kindOf(path) === 'module'))
  return [
    { format: 'module', paths: [...modules] },
    { format: 'commonjs', paths: paths.filter((path) => !modules.has(path)) },
  ]
}

async function compileGroups(groups: readonly Group[]): Promise<readonly StoredModule[]> {
  const todo = [...groups]
  const done: StoredModule[] = []
  for (let group = todo.pop(); group !== undefined; group = todo.pop()) {
    if (group.paths.length === 0) continue
    try {
      const result: BuildResult<CompileOptions> = await requireEsbuild().build(groupOptions(group))
      done.push(...modulesOf(group, result))
    } catch (error) {
      todo.push(...afterFailure(group, error))
    }
  }
  return done
}

// One failing file fails the whole group: the others are compiled again without it, and files that only have
// a top-level await are compiled as ES modules.
function afterFailure({ format, paths }: Group, error: unknown): readonly Group[] {
  const messages = esbuildMessages(error)
  if (messages === undefined) throw error
  const kindOf = createKindReader()
  const failing = new Set(filesOf(messages))
  const good = paths.filter((path) => !failing.has(path))
  // The failure is not about a file of the group: the whole group is left out.
  if (good.length === paths.length) return []
  const awaits = (path: string): boolean =>
    kindOf(path) === 'ambiguous' &&
    needsModuleFormat(messages.filter((message) => filesOf([message]).includes(path)))
  const awaiting = format === 'module' ? [] : paths.filter((path) => failing.has(path) && awaits(path))
  return [
    { format, paths: good },
    { format: 'module', paths: awaiting },
  ]
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

function modulesOf(
  { format, paths }: Group,
  { outputFiles }: BuildResult<CompileOptions>,
): readonly StoredModule[] {
  const texts = new Map(outputFiles.map((file) => [file.path, file.text]))
  return paths.map((path, nr) =>
    finish(path, format, { code: texts.get(`/${nr}.js`) ?? '', map: texts.get(`/${nr}.js.map`) ?? '{}' }),
  )
}
