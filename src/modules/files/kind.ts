// Arbiter and workers. Node's rule for whether a file is CommonJS or an ES module: its extension, else the
// "type" of the nearest package.json (https://nodejs.org/api/packages.html#determining-module-system). Reads
// package.json files only.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isObject } from '../../os/type-checks.ts'

/** `ambiguous`: no "type" anywhere. Such TypeScript is CommonJS, unless it has a top-level await. */
export type Kind = 'module' | 'commonjs' | 'ambiguous'

/**
 * Returns a function for the kind of files, which reads each package.json once. Create a new one for each
 * task, since files change.
 */
export function createKindReader(): (path: string) => Kind {
  const known = new Map<string, Kind>()
  function ofDirectory(directory: string): Kind {
    const before = known.get(directory)
    if (before !== undefined) return before
    const kind =
      packageKind(directory) ??
      (dirname(directory) === directory ? 'ambiguous' : ofDirectory(dirname(directory)))
    known.set(directory, kind)
    return kind
  }
  return (path) => {
    if (/\.m[tj]s$/.test(path)) return 'module'
    if (/\.c[tj]s$/.test(path)) return 'commonjs'
    return ofDirectory(dirname(path))
  }
}

function packageKind(directory: string): Kind | undefined {
  const type = packageType(join(directory, 'package.json'))
  return type === 'missing' ? undefined : type === 'module' || type === 'commonjs' ? type : 'ambiguous'
}

function packageType(file: string): unknown {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''))
    return isObject(value) ? value['type'] : undefined
  } catch (error) {
    // Node reports an invalid package.json when it resolves a module; here it has no type.
    return error instanceof SyntaxError ? undefined : 'missing'
  }
}
