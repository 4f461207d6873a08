// Runs in `tsgun build`: the plugin of esbuild that loads modules: at the place that they have in the build,
// and with metadata of decorators where the project wants it. What they find by a path is noted.

import type { OnLoadResult, Plugin } from 'esbuild'
import { readFile } from 'node:fs/promises'
import type { Decorated } from '../../modules/compile/decorated.ts'
import { mapPrefix } from '../../modules/source-maps/map-of-code.ts'
import { messageOf } from '../../os/error-message.ts'
import { packageOf } from '../packages/find.ts'
import type { KeptPackages } from '../packages/kept.ts'
import { loaderOf } from './loader-of.ts'
import { atPlace, pathInApp, usesPlace } from './own-place.ts'
import { sourceNotes, type SourceNote } from './source-notes.ts'

export interface LoadOptions {
  readonly root: string
  /** The paths of the entries in the folder app/, by their files. */
  readonly entries: ReadonlyMap<string, string>
  readonly kept: KeptPackages
  readonly decorated: Pick<Decorated, 'taskOf' | 'compile'>
  readonly onNote: (file: string, note: SourceNote) => void
}

export function loadModules({ root, entries, kept, decorated, onNote }: LoadOptions): Plugin {
  const load = async (path: string): Promise<OnLoadResult> => {
    const text = await readFile(path, 'utf8')
    const loader = loaderOf(path)
    const notes = await sourceNotes(text, path, loader)
    const owner = packageOf(path)
    const place = entries.get(path) ?? pathInApp(path, root)
    const placed = (code: string): string => (usesPlace(code) ? atPlace(code, place) : code)
    // A package looks for its files by itself.
    if (owner !== undefined && notes.length > 0) kept.add(owner)
    if (owner !== undefined) return { contents: placed(text), loader }
    for (const note of notes) onNote(path, note)
    const task = decorated.taskOf(path)
    if (task === undefined) return { contents: placed(text), loader }
    const { code, map } = await decorated.compile(task)
    const encoded = Buffer.from(map).toString('base64')
    return { contents: `${placed(code)}\n${mapPrefix}${encoded}`, loader: 'js' }
  }
  return {
    name: 'tsgun modules',
    setup(build) {
      build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async ({ path }) => {
        try {
          return await load(path)
        } catch (error) {
          return { errors: [{ text: messageOf(error) }] }
        }
      })
    },
  }
}
