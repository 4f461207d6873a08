// Arbiter. esbuild lists the local files that the entry of an app reaches and the target of each import. A
// file that does not compile is left out, with the files that only it reaches; the process that loads it
// reports it.
import type { BuildOptions, BuildResult, Message, Metafile, Plugin } from 'esbuild'
import { compileOptions } from './compiled-code.ts'
import { requireEsbuild } from './esbuild.ts'
import type { Resolutions } from '../files/pack.ts'
import { COMPILED_EXTENSIONS, isCompiled, isLocal } from '../files/paths.ts'
import { entriesOf } from './plugins.ts'
import { esbuildMessages } from './syntax-error.ts'

/** What a survey needs besides its entry. */
export interface SurveyParts {
  /** A config that esbuild does not find by itself. */
  readonly tsconfig: string | undefined
  readonly plugins: readonly Plugin[]
}

type SurveyOptions = BuildOptions & { readonly metafile: true; readonly write: false }

/** Resolves to all that an entry reaches; to nothing if the entry does not compile. */
export async function survey(entry: string, parts: SurveyParts): Promise<Metafile> {
  let leftOut: readonly string[] = []
  for (;;) {
    try {
      const options = surveyOptions(entry, parts, leftOut)
      const result: BuildResult<SurveyOptions> = await requireEsbuild().build(options)
      return result.metafile
    } catch (error) {
      const more = withoutFailing(leftOut, error)
      if (more === undefined) return { inputs: {}, outputs: {} }
      leftOut = more
    }
  }
}

/** The files of a survey that do not belong to packages. */
export function localInputs({ inputs }: Metafile): readonly string[] {
  return Object.keys(inputs)
    .map(absolute)
    .filter((path) => isLocal(path))
}

/** The TypeScript files of a survey. */
export function compiledInputs(metafile: Metafile): readonly string[] {
  return localInputs(metafile).filter((path) => isCompiled(path))
}

/** The target of each import of a local file in each TypeScript file of a survey. */
export function resolutionsOf(metafile: Metafile): Resolutions {
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

/** The files that messages are about. */
export function filesOf(messages: readonly Message[]): readonly string[] {
  return [
    ...new Set(messages.flatMap(({ location }) => (location === null ? [] : [absolute(location.file)]))),
  ]
}

function surveyOptions(
  entry: string,
  { tsconfig, plugins }: SurveyParts,
  leftOut: readonly string[],
): SurveyOptions {
  const entries = entriesOf([entry])
  return {
    ...compileOptions,
    ...(tsconfig === undefined ? {} : { tsconfig }),
    absWorkingDir: '/',
    entryPoints: entries.entryPoints,
    plugins: [...entries.plugins, ...plugins],
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

// Undefined if leaving out files cannot help, because the failure is about no file or about the entry.
function withoutFailing(leftOut: readonly string[], error: unknown): readonly string[] | undefined {
  const messages = esbuildMessages(error)
  if (messages === undefined) throw error
  const failing = filesOf(messages).filter((path) => !leftOut.includes(path))
  return failing.length === 0 ? undefined : [...leftOut, ...failing]
}

// esbuild returns paths relative to absWorkingDir, which is the root here, so that the working directory of
// the process does not matter.
function absolute(input: string): string {
  return `/${input}`
}
