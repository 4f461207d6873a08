// Arbiter and workers, in the main thread and in Node's hook thread. Pure questions about a path or URL: is
// it TypeScript, is it the user's own ("local") code, and which reload of the arbiter does it belong to.
// Nothing here reads a disk.
import { resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Extensions that are compiled before they run, in the order in which an import without extension tries them.
 */
export const COMPILED_EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.jsx'] as const

// When tsgun itself is linked into a project it lives outside node_modules; its modules hold the server's
// state and must never be recorded, compiled or loaded a second time for a reload.
const OWN_CODE = resolve(import.meta.dirname, '..') + sep

// A module that the arbiter loads again has this in its URL, since Node's cache of ES modules cannot be
// cleared.
const GENERATION_KEY = 'tsgun-generation'
const GENERATION_QUERY = new RegExp(`[?&](${GENERATION_KEY}=\\d+)$`)

/** Whether a file is compiled before it runs. */
export function isCompiled(path: string): boolean {
  return /\.(?:[cm]?ts|[tj]sx)$/.test(path)
}

/** Whether a file is the user's own code: neither a package nor tsgun itself. */
export function isLocal(path: string): boolean {
  return !path.includes(`${sep}node_modules${sep}`) && !path.startsWith(OWN_CODE)
}

/**
 * The query that a load number adds to the URL of an entry: none for the first, so that it is what the user
 * expects to see.
 */
export function generationQuery(loadNumber: number): string {
  return loadNumber <= 1 ? '' : `?${GENERATION_KEY}=${loadNumber}`
}

/** The file of a `file:` URL, without query. */
export function fileOf(url: string | undefined): string | undefined {
  if (url === undefined || !url.startsWith('file:')) return undefined
  // require() of an ES module can carry the query only inside of the path, see require-hooks.ts.
  const file = fileURLToPath(url)
  return file.includes(GENERATION_KEY) ? file.replace(GENERATION_QUERY, '') : file
}

/** The file of a `file:` URL when it is the user's own code. */
export function localFileOf(url: string | undefined): string | undefined {
  const file = fileOf(url)
  return file !== undefined && isLocal(file) ? file : undefined
}

/** Carries the generation of the importing module over to the URL of what it imports. */
export function inheritGeneration(url: string, parentURL: string | undefined): string {
  if (parentURL?.includes(GENERATION_KEY) !== true) return url
  // In a path (see fileOf) the question mark is escaped.
  const query = GENERATION_QUERY.exec(parentURL.replace('%3F', '?'))?.[1]
  if (query === undefined || GENERATION_QUERY.test(url) || localFileOf(url) === undefined) return url
  return `${url}${url.includes('?') ? '&' : '?'}${query}`
}
