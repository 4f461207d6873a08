// Reads the `app` setting: "module:export", "module:factory()" or "module" alone, as in gunicorn. Pure, so
// that the command line can check a setting without loading anything.

import { AppError } from './errors.ts'

export interface AppReference {
  /** A file, with or without its extension, or a package. */
  readonly module: string
  /** The export, or a dotted path into it; absent: the default export, then one named `app`. */
  readonly export?: string
  /** Whether the export is a factory to be called. */
  readonly call: boolean
}

const name = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*`
const exportPath = new RegExp(String.raw`^${name}(?:\.${name})*$`, 'u')
const forms = '"module", "module:export" or "module:factory()"'

/** Throws AppError when the setting has none of the three forms. */
export function parseReference(setting: string): AppReference {
  const reference = analyse(setting)
  if (typeof reference !== 'string') return reference
  throw new AppError(
    `app ${JSON.stringify(setting)}: ${reference}; expected ${forms}, such as "./app.ts:app"`,
  )
}

/** What is wrong with the setting, or undefined. */
export function referenceProblem(setting: string): string | undefined {
  const reference = analyse(setting)
  return typeof reference === 'string' ? reference : undefined
}

/** The reference, or in words why it is none. */
function analyse(setting: string): AppReference | string {
  const text = setting.trim()
  const colon = text.indexOf(':')
  const module = colon === -1 ? text : text.slice(0, colon)
  if (module === '') return 'it names no module'
  if (/[\s()]/.test(module)) return `"${module}" is not the name of a module`
  if (colon === -1) return { module, call: false }
  const found = analyseExport(text.slice(colon + 1))
  return typeof found === 'string' ? found : { module, ...found }
}

function analyseExport(text: string): { readonly export: string; readonly call: boolean } | string {
  if (text === '') return 'nothing follows the colon'
  const call = text.endsWith('()')
  const path = call ? text.slice(0, -2) : text
  if (exportPath.test(path)) return { export: path, call }
  return /\(.+\)$/.test(text)
    ? 'a factory is called without arguments'
    : `"${text}" is not the name of an export`
}
