// Arbiter, asynchronously. Compiles all local TypeScript that the entry of an app reaches, in two runs of
// esbuild instead of one run per file. File by file, because a bundle would duplicate modules that config
// and app share.
import type { BuildResult } from 'esbuild'
import { compileOptions, finish, finishCompiled, formatOptions } from './compiled-code.ts'
import { createDecorated, type Decorated } from './decorated.ts'
import { requireEsbuild } from './esbuild.ts'
import { awaitEsbuild } from './esbuild-failure.ts'
import { fileOptions, type FileOptions } from './file-options.ts'
import { createKindReader } from '../files/kind.ts'
import type { ThreadSource } from '../metadata/thread-source.ts'
import type { Resolutions, StoredModule } from '../files/pack.ts'
import { createTsconfigReader, type TsconfigReader } from '../files/tsconfig.ts'
import { entriesOf, metadataPlugin } from './plugins.ts'
import { compiledInputs, filesOf, localInputs, resolutionsOf, survey } from './survey.ts'
import { esbuildMessages, needsModuleFormat } from './syntax-error.ts'

export interface Graph {
  /** The local files that the entry reaches, of any kind; none if it does not compile. */
  readonly files: readonly string[]
  readonly modules: readonly StoredModule[]
  readonly resolutions: Resolutions
}

/** Files that one run of esbuild compiles. */
interface Group {
  readonly format: 'module' | 'commonjs'
  readonly options: FileOptions
  readonly paths: readonly string[]
}

/** Compiles an entry and all local TypeScript that it reaches, with a short-lived process of esbuild. */
export function compileGraph(entry: string, threads: ThreadSource): Promise<Graph> {
  return awaitEsbuild(
    () => compileAll(entry, threads),
    () => requireEsbuild().transformSync('', compileOptions),
  )
}

/** The local files of any kind that an entry reaches; none if it does not compile. */
export async function reachedFiles(entry: string): Promise<readonly string[]> {
  const tsconfig = createTsconfigReader()
  const run = async (): Promise<readonly string[]> => {
    try {
      return localInputs(await survey(entry, { tsconfig: tsconfig.referencedBy(entry), plugins: [] }))
    } finally {
      await requireEsbuild().stop()
    }
  }
  return awaitEsbuild(run, () => requireEsbuild().transformSync('', compileOptions))
}

async function compileAll(entry: string, threads: ThreadSource): Promise<Graph> {
  const tsconfig = createTsconfigReader()
  const decorated = createDecorated(tsconfig, threads)
  try {
    const plugins = decorated.isLikely(entry) ? [metadataPlugin(decorated)] : []
    const metafile = await survey(entry, { tsconfig: tsconfig.referencedBy(entry), plugins })
    const inputs = compiledInputs(metafile)
    const own = new Set(inputs.filter((path) => decorated.taskOf(path) !== undefined))
    const groups = groupsOf(
      inputs.filter((path) => !own.has(path)),
      tsconfig,
    )
    const modules = [...(await compileDecorated([...own], decorated)), ...(await compileGroups(groups))]
    return { files: localInputs(metafile), modules, resolutions: resolutionsOf(metafile) }
  } finally {
    decorated.end()
    await requireEsbuild().stop()
  }
}

// A file that does not compile is left out; the process that loads it reports it.
async function compileDecorated(
  paths: readonly string[],
  { taskOf, compile }: Decorated,
): Promise<readonly StoredModule[]> {
  const done = await Promise.allSettled(
    paths
      .flatMap((path) => taskOf(path) ?? [])
      .map(async (task) => finishCompiled(task.path, await compile(task))),
  )
  return done.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}

function groupsOf(paths: readonly string[], tsconfig: TsconfigReader): readonly Group[] {
  const kindOf = createKindReader()
  const groups = new Map<string, Group & { readonly paths: string[] }>()
  for (const path of paths) {
    const format = kindOf(path) === 'module' ? 'module' : 'commonjs'
    const options = fileOptions(path, tsconfig)
    const key = JSON.stringify([format, options])
    const group = groups.get(key) ?? { format, options, paths: [] }
    group.paths.push(path)
    groups.set(key, group)
  }
  return [...groups.values()]
}

async function compileGroups(groups: readonly Group[]): Promise<readonly StoredModule[]> {
  const todo = [...groups]
  const done: StoredModule[] = []
  for (let group = todo.pop(); group !== undefined; group = todo.pop()) {
    if (group.paths.length === 0) continue
    try {
      const options = { ...formatOptions(group.format, group.options), ...entriesOf(group.paths) }
      done.push(...modulesOf(group, await requireEsbuild().build(options)))
    } catch (error) {
      todo.push(...afterFailure(group, error))
    }
  }
  return done
}

// One failing file fails the whole group: the others are compiled again without it, and files that only have
// a top-level await are compiled as ES modules.
function afterFailure({ format, options, paths }: Group, error: unknown): readonly Group[] {
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
    { format, options, paths: good },
    { format: 'module', options, paths: awaiting },
  ]
}

function modulesOf(
  { format, paths }: Group,
  { outputFiles }: BuildResult<{ write: false }>,
): readonly StoredModule[] {
  const texts = new Map(outputFiles.map((file) => [file.path, file.text]))
  return paths.map((path, nr) =>
    finish(path, format, { code: texts.get(`/${nr}.js`) ?? '', map: texts.get(`/${nr}.js.map`) ?? '{}' }),
  )
}
