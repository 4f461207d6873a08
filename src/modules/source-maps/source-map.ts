// Any process and thread: a source map in JSON, also one of sections, as bundlers write for several chunks.

import { fileURLToPath } from 'node:url'
import { Mappings } from './mappings.ts'

/** A position in a source, counted from 0. */
export interface Original {
  /** The path, or the URL if it is no file (`webpack://shop/src/app.ts`). */
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Finds the original of a position in the code, counted from 0. */
export type FindOriginal = (line: number, column: number) => Original | undefined

/** `base`: the URL of the map, which its sources are relative to. Throws if the text is no source map. */
export function parseSourceMap(text: string, base: string): FindOriginal {
  const parsed: unknown = JSON.parse(text.replace(/^\)\]\}'.*\n/, ''))
  return findIn(Object(parsed), base)
}

// Parse boundary: nothing of a map is relied on before it is checked.
function findIn(map: Readonly<Record<string, unknown>>, base: string): FindOriginal {
  const { sections, mappings, sources, sourceRoot = '' } = map
  if (Array.isArray(sections)) return findInSections(sections.map(Object), base)
  if (typeof mappings !== 'string' || !Array.isArray(sources)) throw new Error('this is no source map')
  const root = String(sourceRoot ?? '')
  const start = root === '' || root.endsWith('/') ? root : `${root}/`
  const files = sources.map((source) => fileOfSource(`${start}${String(source)}`, base))
  const decoded = new Mappings(mappings)
  return (line, column) => {
    const found = decoded.find(line, column)
    const file = found && files[found.source]
    return found && file !== undefined ? { file, line: found.line, column: found.column } : undefined
  }
}

function findInSections(sections: readonly Record<string, unknown>[], base: string): FindOriginal {
  const parts = sections.map(({ offset, map }) => {
    const { line, column } = Object(offset) as Record<string, unknown>
    return { line: Number(line), column: Number(column), find: findIn(Object(map), base) }
  })
  return (line, column) => {
    const part = parts.findLast((each) => each.line < line || (each.line === line && each.column <= column))
    return part?.find(line - part.line, part.line === line ? column - part.column : column)
  }
}

function fileOfSource(source: string, base: string): string {
  const url = URL.canParse(source, base) ? new URL(source, base) : undefined
  return url?.protocol === 'file:' ? fileURLToPath(url) : (url?.href ?? source)
}
