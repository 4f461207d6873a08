// Runs in `tsgun build`: the plugin of esbuild that leaves imports of tsgun itself, and of packages that are
// copied, as they are.

import type { OnResolveResult, Plugin } from 'esbuild'
import { isBuiltin } from 'node:module'
import { dirname } from 'node:path'
import { findPackage, nameIn, packageOf } from '../packages/find.ts'
import type { KeptPackages } from '../packages/kept.ts'

export function keepPackages(kept: KeptPackages): Plugin {
  const resolve = (path: string, importer: string, from: string): OnResolveResult | undefined => {
    const name = nameIn(path)
    if (isBuiltin(path) || name === 'tsgun') return { path, external: true }
    const found = findPackage(name, from)
    const owner = packageOf(importer)
    if (found === undefined && owner !== undefined && !path.startsWith('#') && name !== owner.name) {
      kept.miss(name, owner)
      return { path, external: true }
    }
    // A package of the same workspace is local code.
    if (found === undefined || packageOf(`${found.directory}/package.json`) === undefined) return undefined
    if (!kept.keeps(found)) return undefined
    const other = kept.importedAs(found)
    if (other === undefined) return { path, external: true }
    const text =
      `two versions of ${name} are imported, and neither can be bundled: ${other} and ${found.directory}; ` +
      'make it one (npm dedupe)'
    return { errors: [{ text }] }
  }
  return {
    name: 'tsgun packages',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, ({ path, importer, resolveDir, kind }) =>
        kind === 'entry-point'
          ? undefined
          : resolve(path, importer, resolveDir === '' ? dirname(importer) : resolveDir),
      )
    },
  }
}
