// Any process and thread: the source map of code that runs. Code that tsgun has compiled ends in its map. The
// app's own build (tsc, esbuild, nest build) names a file beside it, or has the map in a comment. A map is
// read when an error is shown, and not before.

import { readFileSync, statSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isCompiled, isLocal } from '../files/paths.ts'
import { parseSourceMap, type FindOriginal } from './source-map.ts'

/** The end of stored code, in a form that debuggers read. */
export const mapPrefix = '//# sourceMappingURL=data:application/json;base64,'

/** Bytes of a file that is read to show an error: parsing them takes 0.2 s. */
const largestFile = 32 * 1_048_576

/** Returns the text of a file; undefined if it cannot be used. */
export type ReadFile = (path: string) => string | undefined

/** `code`: what runs. Returns undefined if it has no map, or one that cannot be used. */
export function mapOfCode(
  path: string,
  code: string,
  read: ReadFile = readUnchanged,
): FindOriginal | undefined {
  if (!isLocal(path) && !isCompiled(path)) return undefined // packages rarely have their sources
  try {
    const { text, base } = findMap(path, code, read) ?? {}
    return text === undefined || base === undefined ? undefined : parseSourceMap(text, base)
  } catch {
    return undefined // a broken map: the stack shows the code that runs
  }
}

interface MapText {
  readonly text: string | undefined
  readonly base: string
}

function findMap(path: string, code: string, read: ReadFile): MapText | undefined {
  const start = code.lastIndexOf('# sourceMappingURL=')
  if (start === -1) return undefined
  const [url = ''] = code.slice(code.indexOf('=', start) + 1).split(/[\s*]/, 1)
  const base = pathToFileURL(path).href
  if (url.startsWith('data:')) return { text: textOfData(url), base }
  const mapUrl = new URL(url, base)
  return mapUrl.protocol === 'file:' ? { text: read(fileURLToPath(mapUrl)), base: mapUrl.href } : undefined
}

function textOfData(url: string): string {
  const comma = url.indexOf(',')
  const data = url.slice(comma + 1)
  return url.slice(0, comma).endsWith(';base64')
    ? Buffer.from(data, 'base64').toString()
    : decodeURIComponent(data)
}

/**
 * A file that was written since this process started belongs to the next release: its map would show wrong
 * lines.
 */
export function readUnchanged(path: string): string | undefined {
  const { ctimeMs, size } = statSync(path)
  const startedAt = Date.now() - process.uptime() * 1000
  return ctimeMs < startedAt && size <= largestFile ? readFileSync(path, 'utf8') : undefined
}
