// Runs in `tsgun build`: what is said about what cannot be bundled: its place, and what helps. Pure.

import type { Message } from 'esbuild'
import { join, relative } from 'node:path'
import { nameIn, packageOf } from '../packages/find.ts'
import { remedies, type SourceNote } from './source-notes.ts'

export interface FoundNote extends SourceNote {
  /** Absolute. */
  readonly file: string
}

export interface NoteParts {
  /** Of esbuild. */
  readonly warnings: readonly Message[]
  readonly notes: readonly FoundNote[]
  /** Directories of packages without their native addon. */
  readonly lacking: readonly string[]
  /** Packages that are not installed, with the directory of one that imports it. */
  readonly missing: readonly (readonly [name: string, directory: string])[]
  readonly root: string
  readonly isIncluded: (path: string) => boolean
}

/** Messages of esbuild about what it leaves as it is. */
export const dynamicMessages = [
  'unsupported-require-call',
  'unsupported-dynamic-import',
  'indirect-require',
  'require-resolve-not-external',
] as const

export function notesOf({
  warnings,
  notes,
  lacking,
  missing,
  root,
  isIncluded,
}: NoteParts): readonly string[] {
  const shown = (path: string): string => relative(root, path)
  // The first one of a line says enough.
  const byLine = new Map<string, string>()
  const add = (place: string, text: string): void => {
    if (!byLine.has(place)) byLine.set(place, `${place}: ${text}`)
  }
  for (const warning of warnings) addWarning(warning, root, add)
  for (const { file, line, code, kind, names } of notes) {
    if (names !== undefined && isIncluded(names)) continue
    const remedy = names === undefined ? ' with --include' : `: --include ${shown(names)}`
    add(`${shown(file)}:${line}`, `${code}\n    ${remedies[kind]}${remedy}`)
  }
  for (const directory of lacking)
    add(shown(directory), 'its native addon (.node) is not there: npm rebuild, then build again')
  for (const [name, directory] of missing)
    add(
      shown(directory),
      `it imports ${name}, which is not installed\n    if it is used: npm install ${name}`,
    )
  return [...byLine.values()]
}

function addWarning(
  { id, location }: Message,
  root: string,
  add: (place: string, text: string) => void,
): void {
  // Others are no fault of the build.
  if (!dynamicMessages.some((each) => each === id) || location === null) return
  const owner = packageOf(join(root, location.file))
  const remedy =
    owner === undefined ? 'add the files with --include' : `if it is used, --external ${owner.name}`
  const code = location.lineText.trim().slice(0, 80)
  add(`${location.file}:${location.line}`, `${code}\n    its module is chosen at run time; ${remedy}`)
}

/** Of an error of esbuild, with its place. */
export function placeOf({ text, location }: Message): string {
  const [, name] = /^Could not resolve "([^./"][^"]*)"$/.exec(text) ?? []
  const more = name === undefined ? '' : `; install the package ${nameIn(name)}`
  if (location === null) return text + more
  const code = location.lineText.trim().slice(0, 80)
  return `${location.file}:${location.line}: ${text}${more}${code === '' ? '' : ` (${code})`}`
}
