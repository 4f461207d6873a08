// The message for an import of a file that Node.js does not load as a module, with what to write. Arbiter and
// workers.

import { basename, extname } from 'node:path'
import { errorCode } from '../../os/error-code.ts'

/** Returns undefined for any other error. */
export function foreignImport(error: Error): string | undefined {
  return foreignFile(error) ?? wrongWasmExport(error) ?? missingAttribute(error)
}

/** What bundlers import. require() runs a file of an unknown extension as JavaScript: others may be that. */
const data = new RegExp(
  '\\.(?:css|scss|sass|less|svg|png|jpe?g|gif|webp|avif|ico|woff2?|ttf|otf|txt|mdx?|html?|gql|graphql|sql|' +
    'ya?ml|toml|csv|xml|vue|svelte|astro|wasm)$',
)

/** What to write for the file instead of an import of it. */
function remedy(path: string): string {
  const url = `new URL("./${basename(path)}", import.meta.url)`
  if (path.endsWith('.wasm')) return `write WebAssembly.instantiate(readFileSync(${url}))`
  if (path.endsWith('.node')) return `write createRequire(import.meta.url)("./${basename(path)}")`
  return `start what your bundler has built, or write readFileSync(${url})`
}

function foreignFile(error: Error): string | undefined {
  const path = unknownExtension(error) ?? readAsScript(error)
  return (
    path && `${path}: Node.js ${process.versions.node} cannot load a ${extname(path)} file; ${remedy(path)}`
  )
}

/** As an ES module imports it. */
function unknownExtension(error: Error): string | undefined {
  if (errorCode(error) !== 'ERR_UNKNOWN_FILE_EXTENSION') return undefined
  return / for (\/.*)$/.exec(error.message)?.[1]
}

/** As require() reads it: the error is in the file, in its syntax or in what it runs. */
function readAsScript({ stack = '' }: Error): string | undefined {
  const [, broken] = /^(\/.*):\d+\n/.exec(stack) ?? []
  const [, thrown] = /^ +at .*\((\/.*):\d+:\d+\)$/m.exec(stack) ?? []
  return [broken, thrown].find((path) => path !== undefined && data.test(path))
}

function wrongWasmExport({ message }: Error): string | undefined {
  const [, name, missing] =
    /module '([^']+\.wasm)' does not provide an export named '(\w+)'/.exec(message) ?? []
  const what = `"${name}" exports no "${missing}", only what its WebAssembly does`
  return name && `${what}; write import * as wasm from "${name}"`
}

function missingAttribute({ code, message }: Error & { readonly code?: unknown }): string | undefined {
  if (code !== 'ERR_IMPORT_ATTRIBUTE_MISSING') return undefined
  const [, url = 'data.json'] = /Module "([^"]+)"/.exec(message) ?? []
  const name = basename(url)
  const what = `JavaScript has to import ${name} with its type`
  return `${what}: write import data from "./${name}" with { type: "json" }`
}
