// Arbiter and workers. JSON that TypeScript imports needs no import attribute and exports its keys beside the
// default, as `resolveJsonModule` types it and compiled CommonJS has it. Node requires the attribute and
// exports the default only. The value is that of Node's JSON module, so that a file has one value.
import { readFileSync } from 'node:fs'
import { isRecord } from '../../os/type-checks.ts'
import { fileOf, isCompiled, localFileOf } from '../files/paths.ts'
import type { Session } from '../session/session.ts'
import { exportLines } from './export-lines.ts'

/** In the URL of the module that TypeScript gets. */
const KEY = 'tsgun-json'
const QUERY = new RegExp(`([?&])${KEY}(&|$)`)

/** Whether a module of TypeScript imports a JSON file. */
export function isJsonImport(url: string, parentURL: string | undefined): boolean {
  const parent = localFileOf(parentURL)
  return parent !== undefined && isCompiled(parent) && fileOf(url)?.endsWith('.json') === true
}

/** The URL of the module with exports for the URL of a JSON file. */
export function jsonModuleUrl(url: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${KEY}`
}

/** Returns the source of a module with such a URL; undefined for another URL. */
export function jsonModule(session: Session, url: string): string | undefined {
  const plain = url.replace(QUERY, (_, before: string, after: string) => (after === '' ? '' : before))
  const path = plain === url ? undefined : fileOf(plain)
  if (path === undefined) return undefined
  return [
    `import value from ${JSON.stringify(plain)} with { type: 'json' }`,
    'export default value',
    ...exportLines('value', keysIn(session, path)),
  ].join('\n')
}

function keysIn({ changed, store }: Session, path: string): readonly string[] {
  const stored = changed.has(path) ? store.find(path)?.code : undefined
  const value = parse(stored ?? readFileSync(path, 'utf8'))
  // A name with half a character cannot be exported.
  return isRecord(value)
    ? Object.keys(value).filter((name) => name !== 'default' && !/\p{Surrogate}/u.test(name))
    : []
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    return undefined // Node reports it at the import of the value
  }
}
