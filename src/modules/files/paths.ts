// Arbiter and workers, main and hook thread. Pure functions of a path or URL: whether it is TypeScript,
// whether it is the user's own ("local") code, and to which load of the arbiter it belongs.
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ownCode, ownPackage } from '../../os/own-code.ts'

/** Extensions of files that are compiled, in the order in which an import without extension tries them. */
export const COMPILED_EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.jsx'] as const

const ownPrograms = join(ownPackage, 'bin') + sep

// In the URL of modules that the arbiter loads again, since Node's cache of ES modules cannot be cleared.
const GENERATION_KEY = 'tsgun-generation'
const GENERATION_QUERY = new RegExp(`[?&](${GENERATION_KEY}=\\d+)$`)

/** Whether a file, as a path or URL, belongs to tsgun itself. */
export function isOwnCode(file: string | URL): boolean {
  const path = String(file).startsWith('file:') ? fileURLToPath(file) : String(file)
  return path.startsWith(ownCode) || path.startsWith(ownPrograms)
}

/** Whether a file is compiled before it runs. */
export function isCompiled(path: string): boolean {
  return /\.(?:[cm]?ts|[tj]sx)$/.test(path)
}

/**
 * Whether a file is the user's own code: neither a package nor tsgun itself. If tsgun is linked into a
 * project it is outside of node_modules; its modules hold the state of the server and must not be recorded,
 * compiled or loaded again at a reload.
 */
export function isLocal(path: string): boolean {
  return !path.includes(`${sep}node_modules${sep}`) && !path.startsWith(ownCode)
}

/**
 * Returns the query that a load number adds to the URL of an entry: none for the first load, so that users
 * get the URL they expect.
 */
export function generationQuery(loadNumber: number): string {
  return loadNumber <= 1 ? '' : `?${GENERATION_KEY}=${loadNumber}`
}

/** The file of a `file:` URL, without query. */
export function fileOf(url: string | undefined): string | undefined {
  if (url === undefined || !url.startsWith('file:')) return undefined
  // require() of an ES module has the query inside of the path, see require-hooks.ts.
  const file = fileURLToPath(url)
  return file.includes(GENERATION_KEY) ? file.replace(GENERATION_QUERY, '') : file
}

/** The file of a `file:` URL when it is the user's own code. */
export function localFileOf(url: string | undefined): string | undefined {
  const file = fileOf(url)
  return file !== undefined && isLocal(file) ? file : undefined
}

/** Adds the generation of the importing module to the URL of the imported one. */
export function inheritGeneration(url: string, parentURL: string | undefined): string {
  if (parentURL?.includes(GENERATION_KEY) !== true) return url
  // Inside of a path (see fileOf) the question mark is escaped.
  const query = GENERATION_QUERY.exec(parentURL.replace('%3F', '?'))?.[1]
  if (query === undefined || GENERATION_QUERY.test(url) || localFileOf(url) === undefined) return url
  return `${url}${url.includes('?') ? '&' : '?'}${query}`
}
