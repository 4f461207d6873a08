// Runs in `tsgun migrate`: gunicorn.conf.py as settings. The file is Python; it is read, never executed:
// literals are carried over, all else becomes a comment. Pure.

import { hookNames } from '../../config/hooks/table.ts'
import { settingNames, type SettingName } from '../../config/settings/table.ts'
import { carry, collect, type Carried, type Migrated } from './carried.ts'
import { pythonStatements } from './python-statements.ts'
import { pythonValue, type PythonValue } from './python-values.ts'

export function fromGunicorn(source: string): Migrated {
  const names = new Map<string, PythonValue>()
  const carried = new Map<string, Carried>()
  for (const [index, { text, assignment }] of pythonStatements(source).entries()) {
    if (assignment === undefined) {
      const other = otherStatement(text)
      if (other !== undefined) carried.set(`:${index}`, { lost: other })
      continue
    }
    const { name, expression } = assignment
    const value = pythonValue(expression, names)
    if (value === undefined) names.delete(name)
    else names.set(name, value)
    const found = setting(name, value, text)
    // Python takes the last assignment.
    if (found !== undefined) carried.set(name, found)
  }
  return collect([...carried.values()])
}

/** An import says nothing; a docstring neither. */
function otherStatement(text: string): string | undefined {
  if (/^(?:import|from)\s|^(?:[rRuU]?["'])|^pass\b/.test(text)) return undefined
  const name = /^(?:async\s+)?def\s+(\w+)/.exec(text)?.[1]
  if (name === undefined) return `Python code\n${text}`
  const isHook = hookNames.some((hook) => hook === name)
  const what = isHook
    ? `the hook ${name}: write it in TypeScript (docs/reference/hooks.md)`
    : `the function ${name}`
  return `${what}\n${text}`
}

function setting(name: string, value: PythonValue | undefined, text: string): Carried | undefined {
  const here = settingOf(name === 'raw_env' ? 'env' : name)
  // A setting that is not here, or a variable of the file itself.
  if (here === undefined) return { lost: text }
  // There threads let a worker serve more than one request; here an event loop does.
  if (here === 'threads') return { lost: `${text}: not needed, a worker serves many requests at once` }
  if (value === undefined) return { lost: `${name}: a value that only Python can compute\n${text}` }
  if (value.kind === 'processors') return processors(here, text)
  if (value.kind === 'code')
    return { part: { name: here, code: value.code, comment: [`gunicorn: ${firstLine(text)}`] } }
  return carry(here, converted(name, value.value), firstLine(text))
}

const isSetting = (name: string): name is SettingName => settingNames.some((each) => each === name)

function settingOf(name: string): SettingName | undefined {
  return isSetting(name) ? name : undefined
}

function processors(here: SettingName, text: string): Carried {
  if (here !== 'workers') return { lost: `${text}: the number of processors` }
  const comment = [`gunicorn: ${firstLine(text)}. One worker per processor is enough: they do not block.`]
  return { part: { name: 'workers', code: `'auto'`, comment } }
}

const levels: Readonly<Record<string, string>> = { warning: 'warn', critical: 'fatal' }

/** Values that are written differently here. */
function converted(name: string, value: unknown): unknown {
  if (name === 'loglevel' && typeof value === 'string')
    return levels[value.toLowerCase()] ?? value.toLowerCase()
  if (name === 'raw_env' && Array.isArray(value))
    return Object.fromEntries(value.map((pair: unknown) => splitPair(String(pair))))
  if (name === 'proxy_protocol') return proxyModes.get(value) ?? value
  return value
}

/** In gunicorn the header may be missing, whichever version is named. */
const proxyModes: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [true, 'auto'],
  ['v1', 'auto'],
  ['v2', 'auto'],
  [false, 'off'],
])

function splitPair(pair: string): [string, string] {
  const [name = '', ...rest] = pair.split('=')
  return [name, rest.join('=')]
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}
