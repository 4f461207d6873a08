// Parses the `app` setting: "module:export", "module:factory()" or "module" alone, as in gunicorn. Pure: the
// setting can be checked without loading the module.

import { AppError } from './errors.ts'

export interface AppSetting {
  /** A file, with or without its extension, or a package. */
  readonly module: string
  /** The export, or a dotted path into it. Absent: the default export, then the export `app`. */
  readonly export?: string
  /** Whether the export is a factory function to call. */
  readonly call: boolean
}

const name = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*`
const exportPath = new RegExp(String.raw`^${name}(?:\.${name})*$`, 'u')
const forms = '"module", "module:export" or "module:factory()"'

/** Throws an AppError when the setting has none of the three forms. */
export function parseAppSetting(setting: string): AppSetting {
  const parsed = parse(setting)
  if (typeof parsed !== 'string') return parsed
  throw new AppError(
    `app: expected ${forms}, such as "./app.ts:app"; got ${JSON.stringify(setting)} (${parsed})`,
  )
}

/** Returns what is wrong with the setting, or undefined. */
export function appSettingProblem(setting: string): string | undefined {
  const parsed = parse(setting)
  return typeof parsed === 'string' ? parsed : undefined
}

/** Returns the parsed setting, or a text that says what is wrong with it. */
function parse(setting: string): AppSetting | string {
  const text = setting.trim()
  const colon = text.indexOf(':')
  const module = colon === -1 ? text : text.slice(0, colon)
  if (module === '') return 'the module is missing'
  if (/[\s()]/.test(module)) return `"${module}" is not a module name`
  if (colon === -1) return { module, call: false }
  const parsed = parseExport(text.slice(colon + 1))
  return typeof parsed === 'string' ? parsed : { module, ...parsed }
}

function parseExport(text: string): { readonly export: string; readonly call: boolean } | string {
  if (text === '') return 'the export after the colon is missing'
  const call = text.endsWith('()')
  const path = call ? text.slice(0, -2) : text
  if (exportPath.test(path)) return { export: path, call }
  return /\(.+\)$/.test(text)
    ? 'a factory is called without arguments: write "()"'
    : `"${text}" is not an export name`
}
