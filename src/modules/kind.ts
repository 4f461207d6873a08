// Arbiter and workers. Node's rule for what a file is, CommonJS or ES module: its extension, else the "type"
// of the nearest package.json (https://nodejs.org/api/packages.html#determining-module-system). Reads
// package.json files only.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** `ambiguous`: no "type" anywhere. Such TypeScript is CommonJS, unless it has a top-level await. */
export type Kind = 'module' | 'commonjs' | 'ambiguous'

/**
 * Answers the kind of files, reading each package.json once; make a new reader for each task, since files
 * change.
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
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
  } catch (error) {
    // A package.json that is broken is reported by Node itself when it resolves something; here it only has
    // no type.
    return error instanceof SyntaxError ? undefined : 'missing'
  }
}
