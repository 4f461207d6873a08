// Arbiter and workers, main and hook thread. Finds the compiler that a project has for decorator metadata.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

export interface ProjectCompiler {
  readonly name: 'typescript' | '@swc/core'
  /** The main file of the package. */
  readonly file: string
}

/**
 * Returns the compiler for a file of the project; undefined if none is installed. TypeScript comes first:
 * with it circular imports of decorated classes work as with tsc.
 */
export function findCompiler(path: string): ProjectCompiler | undefined {
  const require = createRequire(path)
  const typescript = resolved(require, 'typescript')
  if (typescript !== undefined && hasFunctions(require)) return { name: 'typescript', file: typescript }
  const swc = resolved(require, '@swc/core')
  return swc === undefined ? undefined : { name: '@swc/core', file: swc }
}

/** The error for a file with decorators in a project without a compiler. */
export function noCompiler(path: string): SyntaxError {
  return unframed(
    `${path} has decorators and its tsconfig.json sets emitDecoratorMetadata: install typescript or ` +
      '@swc/core in the project, which write this metadata, or build the app and start the result',
  )
}

function resolved(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name)
  } catch {
    return undefined // not installed
  }
}

// TypeScript 7 is a native program without functions for JavaScript.
function hasFunctions(require: NodeJS.Require): boolean {
  const manifest = resolved(require, 'typescript/package.json')
  if (manifest === undefined) return false
  const [, major = ''] = /"version"\s*:\s*"(\d+)\./.exec(readFileSync(manifest, 'utf8')) ?? []
  return Number(major) < 7
}

/** The frames would be those of tsgun. */
export function unframed(message: string): SyntaxError {
  const error = new SyntaxError(message)
  error.stack = `${error.name}: ${message}`
  return error
}
