// Arbiter and workers, main and hook thread. Compiles a CommonJS file with the handler of esbuild-register.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type * as EsbuildRegister from 'esbuild-register/dist/node'
import { COMPILED_EXTENSIONS } from '../files/paths.ts'
import { commonJsLoader, type RequireHandler } from '../files/private-node.ts'
import { commonJsDefine, compileOptions, type Output } from './compiled-code.ts'
import { inRoot, requireEsbuild } from './esbuild.ts'

const require = createRequire(import.meta.url)

/** Returns what the handler passes to Node: code and source map. */
export function compileWithRegister(path: string, handler: RequireHandler): Output {
  const captured: string[] = []
  handler({ exports: {}, _compile: (code) => captured.push(code) }, path)
  const [code = '', map = ''] = captured
    .join('')
    .split('\n//# sourceMappingURL=data:application/json;base64,')
  return { code, map: Buffer.from(map, 'base64').toString('utf8') }
}

/**
 * esbuild-register is meant to stay registered. Here only its handler is used and everything that it replaced
 * is restored: a registered handler would not give us the compiled code, and its `paths` would start at the
 * working directory, for all modules of the process.
 */
export function esbuildRegisterHandler(): RequireHandler {
  requireEsbuild() // first, because esbuild-register would load it with threads
  const loader = commonJsLoader()
  const before = { handlers: { ...loader._extensions }, resolve: loader._resolveFilename }
  const read: RequireHandler = (module, filename) =>
    void module._compile(readFileSync(filename, 'utf8'), filename)
  for (const extension of COMPILED_EXTENSIONS) loader._extensions[extension] = read
  // Parse boundary: require() is untyped.
  const { register } = require('esbuild-register/dist/node') as typeof EsbuildRegister
  const options = {
    ...compileOptions,
    format: 'cjs',
    define: commonJsDefine,
    banner: '',
    sourcemap: 'inline',
  } as const
  // It looks for a tsconfig.json in the working directory, whose paths are not used here.
  inRoot(() => register({ ...options, extensions: [...COMPILED_EXTENSIONS], hookIgnoreNodeModules: false }))
  const handler = loader._extensions['.ts'] ?? read
  loader._resolveFilename = before.resolve
  for (const extension of [...COMPILED_EXTENSIONS, '.js'])
    restore(loader._extensions, extension, before.handlers[extension])
  return handler
}

function restore(
  handlers: Record<string, RequireHandler | undefined>,
  extension: string,
  handler: RequireHandler | undefined,
): void {
  if (handler === undefined) Reflect.deleteProperty(handlers, extension)
  else handlers[extension] = handler
}
