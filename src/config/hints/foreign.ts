// What a name or a flag of another tool is here. Loaded only after a mistake.

import { forms, otherHooks, otherNames, remarks } from './familiar.ts'
import type { GunicornRow } from './gunicorn-row.ts'
import { gunicornSettings } from './gunicorn.ts'
import { isSetting, kebabCase, settingOfFlag, writtenAs } from './own-flags.ts'
import { pm2Fields, pm2Flags } from './pm2-fields.ts'
import type { Pm2Row } from './pm2-row.ts'
import { hookNames } from '../hooks/table.ts'
import { settingNames, type SettingName } from '../settings/table.ts'

/** A name as a user wrote it: a setting in snake_case, or a flag. */
export interface Foreign {
  readonly name: string
  readonly isFlag: boolean
  readonly value: unknown
}

const pm2: ReadonlyMap<string, Pm2Row> = new Map(Object.entries(pm2Fields))

/** All foreign names, to find the nearest of a mistyped one. */
export function foreignNames(): readonly string[] {
  const others = [otherNames, otherHooks].flatMap((table) => Object.values(table).flat())
  return [
    ...foreignFlags().map(bareName),
    ...gunicornSettings.keys(),
    ...pm2.keys(),
    ...others,
    ...Object.keys(forms),
    ...Object.keys(remarks),
  ]
}

export function foreignFlags(): readonly string[] {
  const rows = [...gunicornSettings.values(), ...pm2.values()]
  return [...rows.flatMap(({ flags }) => flags.split(' ')), ...Object.keys(pm2Flags)].filter((flag) =>
    flag.startsWith('--'),
  )
}

/** Returns what to write instead, or undefined for a name that no tool has. */
export function foreignHint(given: Foreign): string | undefined {
  return ownHint(given) ?? gunicornHint(given) ?? pm2Hint(given) ?? familiarHint(given)
}

/** A setting by its flag, or a flag by its setting: `pid`, `--accesslog`. */
function ownHint({ name, isFlag }: Foreign): string | undefined {
  const setting = isFlag ? bareName(name) : settingOfFlag(`--${kebabCase(name)}`)
  return setting !== undefined && isSetting(setting)
    ? `did you mean ${writtenAs(setting, undefined, isFlag)}?`
    : undefined
}

function gunicornHint({ name, isFlag }: Foreign): string | undefined {
  const found = [...gunicornSettings].find(([key, { flags }]) =>
    isFlag
      ? flags.split(' ').includes(name) || key === bareName(name)
      : key === name || flags.split(' ').includes(`--${kebabCase(name)}`),
  )
  if (found === undefined) return undefined
  const [key, row] = found
  const here = hereOf(key, row)
  const shown = isFlag ? name : `"${name}"`
  if (here !== undefined) return `gunicorn's ${shown} is ${writtenAs(here, undefined, isFlag)} here`
  const text = row.text === '' ? '' : `: ${plain(row.text)}`
  if (row.answer === 'later') return `gunicorn's ${shown} is planned, not in this version${text}`
  if (row.answer === 'absent') return `gunicorn's ${shown} is not here${text}`
  return text === '' ? undefined : `gunicorn's ${shown}${text}`
}

function hereOf(name: string, { answer, here }: GunicornRow): SettingName | undefined {
  if (here !== undefined) return isSetting(here) ? here : undefined
  const isHere = answer === 'same' || answer === 'adapted'
  return isHere && isSetting(name) ? name : undefined
}

function pm2Hint({ name, isFlag, value }: Foreign): string | undefined {
  const other: readonly [string, string] | undefined = Object.entries(pm2Flags).find(
    ([flag]) => flag === name,
  )
  if (isFlag && other) return `PM2's ${name}: ${plain(other[1])}`
  const found = [...pm2].find(([key, { flags }]) =>
    isFlag ? flags.split(' ').includes(name) || key === bareName(name) : key === name,
  )
  if (found === undefined && /^env_\w+$/.test(name))
    return `PM2's "${name}": ${plain(pm2Fields.env_production.text)}`
  if (found === undefined) return undefined
  const [, row] = found
  const shown = isFlag ? name : `"${name}"`
  if (row.here === undefined) return `PM2's ${shown}: ${plain(row.text)}`
  const remark = row.text === '' ? '' : ` (${plain(row.text)})`
  return `PM2's ${shown} is ${writtenAs(row.here, convert(row, value, isFlag), isFlag)} here${remark}`
}

/** The value of PM2 as it is written here. */
function convert({ here, isMilliseconds }: Pm2Row, value: unknown, isFlag: boolean): string | undefined {
  if (here === 'reload') return isFlag ? undefined : 'true'
  if (!['string', 'number'].includes(typeof value)) return undefined
  const text = String(value)
  if (here === 'workers' && /^(max|0|-\d+)$/.test(text)) return isFlag ? 'auto' : '"auto"'
  if (isMilliseconds) return /^\d+$/.test(text) ? String(Number(text) / 1000) : undefined
  return isFlag || /^\d+$/.test(text) ? text : JSON.stringify(text)
}

function familiarHint({ name, isFlag, value }: Foreign): string | undefined {
  const bare = isFlag ? bareName(name) : name
  const form = Object.hasOwn(forms, bare) ? forms[bare] : undefined
  if (form) return `write ${(isFlag ? form.flag : form.setting).replace('VALUE', valueText(bare, value))}`
  if (Object.hasOwn(remarks, bare)) return remarks[bare]
  const setting = settingNames.find((each) => otherNames[each]?.includes(bare))
  const only = setting === 'reload' ? ' (for development only)' : ''
  if (setting) return `did you mean ${writtenAs(setting, undefined, isFlag)}?${only}`
  const hook = hookNames.find((each) => otherHooks[each]?.includes(bare))
  return hook && !isFlag ? `did you mean the hook ${hook}?` : undefined
}

const examples: Readonly<Record<string, string>> = { port: '8000', socket: '/run/app.sock' }

function valueText(name: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  return examples[name] ?? (name.includes('socket') ? '/run/app.sock' : '0.0.0.0')
}

const bareName = (flag: string): string => flag.replace(/^--?/, '').replaceAll('-', '_')

/** Texts of the tables are Markdown. */
const plain = (text: string): string => text.replaceAll('`', '')
