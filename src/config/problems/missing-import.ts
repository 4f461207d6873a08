// The message for an import that finds nothing, with the file and line that has it, or no module. Arbiter and
// workers.

import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { errorCode } from '../../os/error-code.ts'
import { didYouMean } from './did-you-mean.ts'
import { foreignImport } from './foreign-import.ts'

/** Returns undefined for any other error. */
export function missingImport(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  return missingModule(error) ?? missingExport(error) ?? foreignImport(error)
}

function missingModule(error: Error): string | undefined {
  if (!['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes(errorCode(error) ?? '')) return undefined
  const [, name = '', from] =
    /^Cannot find (?:module|package) '([^']+)'(?: imported from (.+))?/.exec(error.message) ?? []
  const importer = from ?? requiredBy(error)
  if (name === '' || importer === undefined || isBuiltin(name)) return undefined
  const place = `${importer}${lineOf(importer, name)} imports`
  if (/^[./]/.test(name)) return name.startsWith('/') ? undefined : `${place} "${name}", which does not exist`
  const [scope = '', rest = ''] = name.split('/')
  if (/^[@~#]?$/.test(scope))
    return `${place} "${name}", which is no package; is it in the paths of tsconfig.json?`
  const package_ = scope.startsWith('@') ? `${scope}/${rest}` : scope
  return `${place} "${name}", which is not installed; npm install ${package_}`
}

function requiredBy(error: Error): string | undefined {
  const stack: unknown = 'requireStack' in error ? error.requireStack : undefined
  const [first]: unknown[] = Array.isArray(stack) ? stack : []
  return typeof first === 'string' ? first : undefined
}

/** `:3`, or nothing if the file cannot be read or does not quote the name. */
function lineOf(file: string, name: string): string {
  try {
    const lines = readFileSync(file, 'utf8').split('\n')
    const line = lines.findIndex((text) => [`'${name}'`, `"${name}"`].some((quoted) => text.includes(quoted)))
    return line === -1 ? '' : `:${line + 1}`
  } catch {
    return '' // it was read a moment ago; the message does without
  }
}

/** What a config file or an app may import; a test compares it with src/index.ts. */
export const exportNames = [
  'BusError',
  'TaskError',
  'bus',
  'defineConfig',
  'defineTask',
  'defineWorkerClass',
  'drainSignal',
  'log',
  'requestId',
  'requestLog',
  'shared',
  'task',
] as const

/** As Node says it of an ES module, and as compiled CommonJS fails. */
const wrongExport =
  /module 'tsgun' does not provide an export named '(\w+)'|^\(0 ?, import_tsgun\.(\w+)\) is not a function/

function missingExport(error: Error): string | undefined {
  const [, named, called] = wrongExport.exec(error.message) ?? []
  const name = named ?? called
  if (name === undefined) return undefined
  const near = didYouMean(name, exportNames)
  const remedy = near === undefined ? `it exports ${exportNames.join(', ')}` : `did you mean "${near}"?`
  return `tsgun exports no "${name}"; ${remedy}`
}
