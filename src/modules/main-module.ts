// Workers. Loads the entry of an app as Node loads the file of `node app.js`: a CommonJS entry is
// `require.main` and `process.mainModule`, and `import.meta.main` is true in an ES module (Node 24.2 and
// later).
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { compileFunction } from 'node:vm'
import { createKindReader } from './files/kind.ts'
import { isCompiled } from './files/paths.ts'
import { commonJsLoader, synchronousHooksRegistrar } from './files/private-node.ts'

/** Requires a CommonJS file as the main module of the process. */
export function requireMain(path: string): unknown {
  return commonJsLoader()._load(path, null, true)
}

/** Whether Node runs a JavaScript file as CommonJS. */
export function isPlainCommonJs(path: string): boolean {
  if (isCompiled(path) || /\.(?:json|node|wasm)$/.test(path)) return false
  const kind = createKindReader()(path)
  return kind === 'commonjs' || (kind === 'ambiguous' && !hasModuleSyntax(path))
}

/**
 * Node's rule for a file without "type": an ES module if it does not compile as CommonJS. A file that does
 * not compile at all is imported, for the error of Node.
 */
function hasModuleSyntax(path: string): boolean {
  const code = readFileSync(path, 'utf8').replace(/^#!.*/, '')
  if (!/\b(?:import|export|await)\b/.test(code)) return false
  try {
    compileFunction(code, ['exports', 'require', 'module', '__filename', '__dirname'])
    return false
  } catch {
    return true
  }
}

/** Makes `import.meta.main` true in this ES module, which is imported next, if this Node has it. */
export function markMain(path: string): void {
  const registerHooks = synchronousHooksRegistrar()
  if (registerHooks === undefined || Reflect.get(import.meta, 'main') === undefined) return
  const main = pathToFileURL(path).href
  registerHooks({
    resolve: (specifier, context, next) => next(specifier, context),
    load(url, context, next) {
      const loaded = next(url, context)
      if (url !== main || loaded.format !== 'module' || loaded.source == null) return loaded
      return { ...loaded, source: withMain(textOf(loaded.source)) }
    },
  })
}

/** On the first line, so that lines in stacks stay correct. */
function withMain(code: string): string {
  if (!/\bmeta\b[^]*\bmain\b/.test(code)) return code
  const [hashbang = ''] = /^#!.*\n?/.exec(code) ?? []
  return `${hashbang}import.meta.main=true;${code.slice(hashbang.length)}`
}

function textOf(source: string | ArrayBuffer | NodeJS.TypedArray): string {
  return typeof source === 'string' ? source : new TextDecoder().decode(source)
}
