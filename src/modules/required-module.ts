// Arbiter and workers on Node before 22.15, main thread. There, what a require()d ES module imports is asked
// of no hook, so it could import no TypeScript, and the arbiter would not see what it imports. Such a module
// runs as CommonJS instead.
import { commonJsDefine, compileOptions, finish } from './compiled-code.ts'
import { requireEsbuild } from './compile.ts'
import { synchronousHooksRegistrar } from './private-node.ts'
import type { Session } from './session.ts'
import { esbuildMessages } from './syntax-error.ts'

/**
 * The code of a required ES module as CommonJS, undefined when Node can run it as it is. The price: a module
 * that is also imported exists twice in the process, which is why one that imports nothing local stays an ES
 * module.
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
    return finish(filename, 'commonjs', requireEsbuild().transformSync(code, options)).code
  } catch (error) {
    // It awaits at its top level or is broken: Node's own error says it better.
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
