// Arbiter. Plugins for the runs of esbuild that compile a whole app.
import type { OnLoadResult, Plugin } from 'esbuild'
import type { Compiled, Task } from '../metadata/protocol.ts'

export interface EntryPoint {
  readonly in: string
  readonly out: string
}

/** Entry points, with the plugin that they may need. */
export interface Entries {
  readonly entryPoints: EntryPoint[]
  readonly plugins: Plugin[]
}

/** To esbuild an entry with an asterisk is a pattern: such entries get names that a plugin resolves. */
export function entriesOf(paths: readonly string[]): Entries {
  if (!paths.some((path) => path.includes('*')))
    return { entryPoints: paths.map((path, nr) => ({ in: path, out: String(nr) })), plugins: [] }
  const name = (nr: number): string => `tsgun-entry:${nr}`
  const byName = new Map(paths.map((path, nr) => [name(nr), path]))
  const plugin: Plugin = {
    name: 'entries',
    setup(build) {
      build.onResolve({ filter: /^tsgun-entry:/ }, ({ path }) => ({ path: byName.get(path) ?? path }))
    },
  }
  return { entryPoints: paths.map((_, nr) => ({ in: name(nr), out: String(nr) })), plugins: [plugin] }
}

export interface MetadataSource {
  /** Undefined for a file that esbuild compiles. */
  readonly taskOf: (path: string) => Task | undefined
  readonly compile: (task: Task) => Promise<Compiled>
}

/**
 * Gives esbuild the output of the project's own compiler, which keeps the imports of classes that only
 * metadata names.
 */
export function metadataPlugin({ taskOf, compile }: MetadataSource): Plugin {
  return {
    name: 'metadata',
    setup(build) {
      build.onLoad({ filter: /\.[cm]?tsx?$/ }, async ({ path }): Promise<OnLoadResult | undefined> => {
        const task = taskOf(path)
        if (task === undefined) return undefined
        try {
          return { contents: (await compile(task)).code, loader: 'js' }
        } catch (error) {
          // As an error of the file, which is left out then; the process that loads it reports it.
          return { errors: [{ text: String(error), location: { file: path.slice(1) } }] }
        }
      })
    },
  }
}
