// Runs in `tsgun build`: writes what esbuild has made. Code gets its way to the folder app/, and a source map
// names the files of the project as if they lay in that folder, since the target has no project.

import type { OutputFile } from 'esbuild'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { commonJsNamespace } from './commonjs-entries.ts'
import { pathInApp, withPlace } from './own-place.ts'

export interface OutputPlaces {
  /** The directory of the project. */
  readonly root: string
  /** The folder app/. */
  readonly outdir: string
}

export function writeOutput({ path, text, contents }: OutputFile, places: OutputPlaces): void {
  mkdirSync(dirname(path), { recursive: true })
  if (path.endsWith('.mjs')) writeFileSync(path, withPlace(text, relative(places.outdir, path)))
  else if (path.endsWith('.map')) writeFileSync(path, inApp(text, path, places))
  else writeFileSync(path, contents)
}

function inApp(text: string, path: string, { root, outdir }: OutputPlaces): string {
  const map = JSON.parse(text) as { readonly sources: readonly string[] } // made by esbuild
  const sources = map.sources.map((source) => {
    const [file = source] = source.split(`${commonJsNamespace}:`).reverse()
    const place = join(outdir, pathInApp(resolve(dirname(path), file), root))
    return relative(dirname(path), place).split(sep).join('/')
  })
  return JSON.stringify({ ...map, sources })
}
