// Runs in the arbiter, or in a worker, after a JavaScript file of the user failed to compile.
// Node prints the position of a SyntaxError only when the process exits because of it; esbuild returns it.

import { requireEsbuild } from '../../modules/compile/esbuild.ts'
import { compileOptions } from '../../modules/compile/compiled-code.ts'
import { esbuildMessages, inText } from '../../modules/compile/syntax-error.ts'

/**
 * Returns `file:line:column: message` of the first syntax error in the file and its imports; undefined if
 * esbuild finds none.
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
    const path = `/${first.location.file}`
    const { line, column } = inText(first.location, path)
    return `${path}:${line}:${column + 1}: ${first.text}`
  }
}
