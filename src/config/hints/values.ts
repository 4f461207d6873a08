// What to write instead of a value that its setting refuses.

import { isPythonClass } from '../app/worker-class-setting.ts'
import { isSetting } from './own-flags.ts'
import { addressHint, appHint, environmentHint, fileHint, rotationHint } from './value-forms.ts'
import { didYouMean } from '../problems/did-you-mean.ts'
import type { WrongValue } from '../problems/problem.ts'
import type { Part, Setting, Unit } from '../settings/row.ts'
import { settings } from '../settings/table.ts'
import { duration } from '../sources/advice.ts'

type Hint = (value: unknown, part: Part, isText: boolean) => string | undefined

export function valueHint({ setting, path, value, format }: WrongValue): string | undefined {
  if (
    value === undefined ||
    (typeof value === 'number' && !Number.isFinite(value)) ||
    value === 'undefined' ||
    value === 'NaN'
  )
    return 'is a variable unset?'
  const row: Setting | undefined = isSetting(setting) ? settings[setting] : undefined
  const part =
    row && path.reduce<Part | undefined>((found, name) => found?.parts?.[name] ?? found?.parts?.['*'], row)
  if (row === undefined || part === undefined) return undefined
  const special = path.length === 0 ? bySetting[setting]?.(value, part, format === 'text') : undefined
  const byPart =
    special ?? (part.unit && units[part.unit](value, part, format === 'text')) ?? general(value, part)
  // On the command line all is text.
  return format === 'text' && typeof value === 'string' && /^write "/.test(byPart ?? '') ? undefined : byPart
}

const bySetting: Readonly<Record<string, Hint>> = {
  app: appHint,
  env: environmentHint,
  log_rotation: (value, _, isText) => rotationHint(value, isText),
  workers: (value) =>
    /^(max|-\d+|0|cpus?)$/.test(String(value)) ? 'write "auto" for one per CPU' : undefined,
  preload: (value) =>
    typeof value === 'string'
      ? undefined
      : 'leave it out: a preload() that the app exports runs by itself; or name its module',
  proxy_protocol: (value) => (/^(?:true|v[12])$/.test(String(value)) ? 'write "auto" or "on"' : undefined),
  worker_class: (value) =>
    /gthread/i.test(String(value))
      ? 'write "threads" for several event loops in one process'
      : isPythonClass(String(value))
        ? 'leave it out: gunicorn names classes of Python; a worker here is an event loop'
        : undefined,
}

const units: Readonly<Record<Unit, Hint>> = {
  seconds: secondsHint,
  bytes: bytesHint,
  mode: modeHint,
  file: fileHint,
  address: addressHint,
}

const factors: readonly (readonly [RegExp, number])[] = [
  [/^(?:ms|msecs?|millis(?:econds)?|milliseconds?)$/i, 0.001],
  [/^(?:s|secs?|seconds?)?$/i, 1],
  [/^(?:m|mins?|minutes?)$/i, 60],
  [/^(?:h|hrs?|hours?)$/i, 3600],
  [/^(?:d|days?)$/i, 86_400],
]

function secondsHint(value: unknown): string | undefined {
  if (typeof value === 'number' && value > 3600)
    return `${value} s is ${duration(value)}; settings are in seconds: did you mean ${value / 1000}?`
  if (typeof value !== 'string')
    return value === null || value === false ? 'write 0 to disable it' : undefined
  const [, number = '', unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(value) ?? []
  const factor = number === '' ? undefined : factors.find(([name]) => name.test(unit))?.[1]
  return factor === undefined ? undefined : `write ${Number((Number(number) * factor).toPrecision(6))}`
}

function bytesHint(value: unknown): string | undefined {
  const text = String(value).trim()
  if (/^\d+$/.test(text) && Number(text) < 1_048_576 && Number(text) > 0)
    return `${text} is ${text} bytes; did you mean "${text}M"?`
  const [, number, letter] = /^(\d+(?:[.,]\d+)?)\s*([kmgt])[a-z]*$/i.exec(text.replaceAll('_', '')) ?? []
  if (number !== undefined && letter !== undefined)
    return `write "${number.replace(',', '.')}${letter.toUpperCase()}"`
  return undefined
}

/** 640 in code is decimal. */
function modeHint(value: unknown): string | undefined {
  const digits = String(value)
  return typeof value === 'number' && /^[0-7]{3}$/.test(digits) ? `did you mean 0o${digits}?` : undefined
}

/** The value in another type, or the nearest word. */
function general(value: unknown, { expects }: Part): string | undefined {
  const words = [...expects.matchAll(/"([a-z]+)"/g)].map(([, word = '']) => word)
  if (typeof value === 'string') return fromText(value, expects, words)
  const isPlain = typeof value === 'number' || typeof value === 'boolean'
  if (/^true or false|^true, false/.test(expects)) return { 0: 'write false', 1: 'write true' }[String(value)]
  if (isPlain && /^text|name|path|format|"[a-z]/.test(expects) && words.length === 0)
    return `write "${value}"`
  if (value === null) return 'leave it out for its default'
  if (Array.isArray(value) && value.length === 1 && !/\blist\b/.test(expects))
    return `write ${JSON.stringify(value[0])}, without the list`
  return undefined
}

const aliases: Readonly<Record<string, string>> = {
  critical: 'fatal',
  notice: 'info',
  verbose: 'debug',
  silly: 'trace',
}

function fromText(value: string, expects: string, words: readonly string[]): string | undefined {
  const text = value.trim()
  if (/^true or false|^true, false/.test(expects) && /^(true|false|yes|no|on|off|1|0)$/i.test(text))
    return `write ${/^(true|yes|on|1)$/i.test(text)}`
  if (/number|seconds/.test(expects) && /^\d+$/.test(text)) return `write ${text}`
  const word = text.toLowerCase()
  const near =
    aliases[word] ??
    didYouMean(word, words) ??
    words.find((each) => word.startsWith(each) || each.startsWith(word))
  return near !== undefined && words.includes(near) ? `did you mean "${near}"?` : undefined
}
