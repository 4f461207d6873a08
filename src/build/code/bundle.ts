// Runs in `tsgun build`: joins the config and the modules that it names, with all local files and packages
// that they import, to a few files of plain JavaScript.

import { build, type BuildOptions, type BuildResult, type Message } from 'esbuild'
import { createDecorated } from '../../modules/compile/decorated.ts'
import { createTsconfigReader } from '../../modules/files/tsconfig.ts'
import { ThreadSource } from '../../modules/metadata/thread-source.ts'
import { BuildError } from '../problems/build-error.ts'
import type { KeptPackages } from '../packages/kept.ts'
import { commonJsEntries } from './commonjs-entries.ts'
import { keepPackages } from './keep-packages.ts'
import { loadModules } from './load-modules.ts'
import { dynamicMessages, notesOf, placeOf, type FoundNote } from './notes.ts'
import { placeBanner, placeDefines } from './own-place.ts'
import { writeOutput } from './write-output.ts'

export interface BundleOptions {
  /** The paths of the outputs in `outdir`, by the files that they are made of. */
  readonly entries: ReadonlyMap<string, string>
  readonly outdir: string
  /** The directory of the project. */
  readonly root: string
  readonly kept: KeptPackages
  /** Whether a file is in the build by `--include`. */
  readonly isIncluded: (path: string) => boolean
}

/** Resolves with what cannot be bundled, a line for each place. Rejects with a BuildError. */
export async function bundle(options: BundleOptions): Promise<readonly string[]> {
  const { entries, outdir, root, kept } = options
  const tsconfig = createTsconfigReader()
  const decorated = createDecorated(tsconfig, new ThreadSource())
  try {
    for (;;) {
      const before = kept.size
      kept.forgetImports()
      const notes: FoundNote[] = []
      const plugins = [
        commonJsEntries(decorated),
        keepPackages(kept),
        loadModules({
          root,
          entries,
          kept,
          decorated,
          onNote: (file, note) => void notes.push({ ...note, file }),
        }),
      ]
      const [first = ''] = entries.keys()
      const referenced = tsconfig.referencedBy(first)
      const result = await attempt({
        ...settings,
        ...(referenced !== undefined && { tsconfig: referenced }),
        entryPoints: [...entries].map(([file, path]) => ({ in: file, out: path.replace(/\.mjs$/, '') })),
        outdir,
        absWorkingDir: root,
        plugins,
      })
      // A package that turned out to stay one may need others that were bundled.
      if (kept.size > before) continue
      if (result instanceof BuildError) throw result
      for (const file of result.outputFiles) writeOutput(file, { root, outdir })
      return notesOf({
        warnings: result.warnings,
        notes,
        lacking: kept.lacking,
        missing: kept.missing,
        ...options,
      })
    }
  } finally {
    decorated.end()
  }
}

const settings = {
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  assetNames: 'chunks/[name]-[hash]',
  bundle: true,
  write: false,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  keepNames: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'inline',
  banner: { js: placeBanner },
  define: placeDefines,
  loader: { '.node': 'copy' },
  logLevel: 'silent',
  logOverride: Object.fromEntries(dynamicMessages.map((id) => [id, 'warning'])),
} satisfies BuildOptions

type Pass = BuildResult<typeof settings>

async function attempt(options: BuildOptions & typeof settings): Promise<Pass | BuildError> {
  try {
    return await build(options)
  } catch (error) {
    const errors = errorsOf(error)
    if (errors === undefined) throw error
    return new BuildError(errors.map(placeOf).join('\n'), { cause: error })
  }
}

/** Those of a failed build; undefined for any other error. */
function errorsOf(error: unknown): readonly Message[] | undefined {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors)
    ? (error.errors as readonly Message[]) // a BuildFailure of esbuild
    : undefined
}
