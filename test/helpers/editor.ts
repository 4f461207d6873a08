// What an editor shows in a config file: TypeScript's language service on a project that has tsgun installed.

import { join } from 'node:path'
import ts from 'typescript'
import type { Project } from './tsgun.ts'

/** Marks the place of the cursor in a file; the file is read without it. */
export const cursor = '▮'

export interface Hover {
  /** `(property) SettingsInput.timeout?: number | undefined` */
  readonly declaration: string
  /** On one line. */
  readonly text: string
}

export interface Editor {
  /** Opens the file with this content, in place of an earlier one. */
  open(file: string, text: string): void
  /** What is shown for the name at the beginning of a line other than the first. */
  hover(name: string): Hover
  /** The names that are offered at the cursor, each with its text. */
  complete(): ReadonlyMap<string, string>
  /** The errors that are underlined. */
  errors(): readonly string[]
}

export function openEditor(project: Project, options: ts.CompilerOptions): Editor {
  let current = { name: '', text: '', at: 0, version: 0 }
  const isCurrent = (name: string): boolean => name === current.name
  const service = ts.createLanguageService({
    getScriptFileNames: () => [current.name],
    getScriptVersion: (name) => (isCurrent(name) ? String(current.version) : '0'),
    getScriptSnapshot: (name) => {
      const text = isCurrent(name) ? current.text : ts.sys.readFile(name)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getCurrentDirectory: () => project.directory,
    getCompilationSettings: () => options,
    getDefaultLibFileName: (each) => ts.getDefaultLibFilePath(each),
    fileExists: (name) => ts.sys.fileExists(name),
    readFile: (name) => ts.sys.readFile(name),
    directoryExists: (name) => ts.sys.directoryExists(name),
    getDirectories: (name) => ts.sys.getDirectories(name),
    realpath: (path) => ts.sys.realpath?.(path) ?? path,
  })
  return {
    open(file, text) {
      const at = text.indexOf(cursor)
      const name = join(project.directory, file)
      current = { name, text: text.replace(cursor, ''), at, version: current.version + 1 }
    },
    hover(name) {
      const place = current.text.search(new RegExp(`\\n${name}\\b`)) + 1
      const info = service.getQuickInfoAtPosition(current.name, place)
      return { declaration: plain(info?.displayParts), text: plain(info?.documentation) }
    },
    complete() {
      const { name, at } = current
      const entries = service.getCompletionsAtPosition(name, at, {})?.entries ?? []
      return new Map(
        entries.map((entry) => {
          const { name: label, source, data } = entry
          const more = service.getCompletionEntryDetails(name, at, label, {}, source, {}, data)
          return [label, plain(more?.documentation)]
        }),
      )
    },
    errors: () =>
      [...service.getSyntacticDiagnostics(current.name), ...service.getSemanticDiagnostics(current.name)].map(
        ({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'),
      ),
  }
}

function plain(parts: readonly ts.SymbolDisplayPart[] | undefined): string {
  return ts.displayPartsToString([...(parts ?? [])]).replace(/\s+/g, ' ')
}
