// Runs in the arbiter, or in a worker with `reload`, after a JavaScript file of the user's did not compile:
// Node keeps the place of a SyntaxError to itself until the process dies of it, so esbuild, which compiles
// the TypeScript anyway, is asked where it is.

import { requireEsbuild } from '../../modules/compile.ts'
import { compileOptions } from '../../modules/compiled-code.ts'
import { esbuildMessages } from '../../modules/syntax-error.ts'

/**
 * `file:line:column: what is wrong` for the first mistake in the file or in what it imports; undefined when
 * esbuild sees none.
 */
export function whereBroken(file: string): string | undefined {
  try {
    requireEsbuild().buildSync({
      ...compileOptions,
      absWorkingDir: '/',
      entryPoints: [file],
      bundle: true,
      format: 'esm',
      packages: 'external',
      outdir: '/',
      write: false,
    })
    return undefined
  } catch (error) {
    const [first] = esbuildMessages(error) ?? []
    if (!first?.location) return undefined
    const { file: broken, line, column } = first.location
    return `/${broken}:${line}:${column + 1}: ${first.text}`
  }
}
