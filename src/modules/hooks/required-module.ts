// Arbiter and workers on Node before 22.15, main thread. There the imports of a require()d ES module call no
// hook: it could not import TypeScript, and the arbiter would not record its imports. Such a module runs as
// CommonJS instead.
import { commonJsDefine, compileOptions, finish } from '../compile/compiled-code.ts'
import { requireEsbuild } from '../compile/esbuild.ts'
import { runEsbuild } from '../compile/esbuild-failure.ts'
import { synchronousHooksRegistrar } from '../files/private-node.ts'
import type { Session } from '../session/session.ts'
import { esbuildMessages } from '../compile/syntax-error.ts'

/**
 * Returns the code of a required ES module as CommonJS; undefined if Node can run it unchanged. A module
 * that is also imported then exists twice in the process, so one without local imports stays an ES module.
 */
export function asCommonJs(session: Session, filename: string, code: string): string | undefined {
  if (synchronousHooksRegistrar() !== undefined || !importsLocal(session, filename, code)) return undefined
  try {
    const options = {
      ...compileOptions,
      format: 'cjs',
      define: commonJsDefine,
      sourcefile: filename,
      sourcemap: 'external',
    } as const
    return finish(
      filename,
      'commonjs',
      runEsbuild(() => requireEsbuild().transformSync(code, options)),
    ).code
  } catch (error) {
    // A top-level await or a syntax error: the error of Node is clearer.
    if (esbuildMessages(error) !== undefined) return undefined
    throw error
  }
}

function importsLocal(session: Session, filename: string, code: string): boolean {
  const specifiers = [...code.matchAll(/(?:\bfrom|^\s*import)\s*["']([^"'\n]+)["']/gm)].map(
    ([, specifier = '']) => specifier,
  )
  return specifiers.some(
    (specifier) => /^[./]/.test(specifier) || session.store.resolution(filename, specifier) !== undefined,
  )
}
