// Runs in `tsgun build`: the plugin of esbuild for modules in CommonJS that a config names. In a bundle such
// a module has a default export only; it gets the names that Node.js would find, by the lexer of Node.js.

import { init, parse } from 'cjs-module-lexer'
import { transform, type Plugin } from 'esbuild'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, isAbsolute } from 'node:path'
import type { Decorated } from '../../modules/compile/decorated.ts'
import { createKindReader } from '../../modules/files/kind.ts'
import { loaderOf } from './loader-of.ts'

/** Before the path of such a module, in esbuild. */
export const commonJsNamespace = 'tsgun-commonjs'

type Compiler = Pick<Decorated, 'taskOf' | 'compile'>

export function commonJsEntries(compiler: Compiler): Plugin {
  return {
    name: 'tsgun CommonJS entries',
    setup(build) {
      build.onResolve({ filter: /^/ }, async ({ path, kind }) => {
        if (kind !== 'entry-point' || !isAbsolute(path)) return undefined
        return (await commonJsNames(path, compiler)) === undefined
          ? undefined
          : { path, namespace: commonJsNamespace }
      })
      build.onLoad({ filter: /^/, namespace: commonJsNamespace }, async ({ path }) => ({
        contents: entryCode(path, (await commonJsNames(path, compiler)) ?? []),
        resolveDir: dirname(path),
      }))
    },
  }
}

function entryCode(path: string, names: readonly string[]): string {
  return [
    `const commonjs = require(${JSON.stringify(path)})`,
    'export default commonjs',
    ...names.map((name, nr) => `const name${nr} = commonjs[${JSON.stringify(name)}]`),
    `export { ${names.map((name, nr) => `name${nr} as ${JSON.stringify(name)}`).join(', ')} }`,
  ].join('\n')
}

/** Undefined for an ES module, and for a file that does not compile, which is reported when it is loaded. */
async function commonJsNames(path: string, compiler: Compiler): Promise<readonly string[] | undefined> {
  if (createKindReader()(path) === 'module') return undefined
  await init()
  const names = new Set<string>()
  const waiting = [path]
  const seen = new Set(waiting)
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const found = await lexed(file, compiler)
    if (found === undefined && file === path) return undefined
    for (const name of found?.exports ?? []) names.add(name)
    for (const other of found?.reexports ?? []) {
      const next = resolved(other, file)
      if (next !== undefined && !seen.has(next)) waiting.push(next)
      if (next !== undefined) seen.add(next)
    }
  }
  names.delete('default')
  return [...names]
}

async function lexed(file: string, compiler: Compiler): Promise<ReturnType<typeof parse> | undefined> {
  try {
    return parse(await codeOf(file, compiler))
  } catch {
    return undefined // it has import or export, or is no JavaScript
  }
}

async function codeOf(file: string, { taskOf, compile }: Compiler): Promise<string> {
  const task = taskOf(file)
  if (task !== undefined) return (await compile(task)).code
  const text = await readFile(file, 'utf8')
  const loader = loaderOf(file)
  return loader === 'js' ? text : (await transform(text, { loader, logLevel: 'silent' })).code
}

function resolved(specifier: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(specifier)
  } catch {
    return undefined // the bundle reports it
  }
}
