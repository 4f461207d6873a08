// What a user probably meant by a mistake in the config or on the command line. Loaded only after a mistake.

import { foreignFlags, foreignHint, foreignNames } from './foreign.ts'
import { flagsOf, isSetting, snakeCase } from './own-flags.ts'
import { partHint } from './parts.ts'
import { valueHint } from './values.ts'
import { hookNames } from '../hooks/table.ts'
import { didYouMean } from '../problems/did-you-mean.ts'
import type { Mistake } from '../problems/problem.ts'
import { settingNames } from '../settings/table.ts'

/** Returns a sentence without its period, or undefined. */
export function hintFor(mistake: Mistake): string | undefined {
  if (mistake.about === 'setting') return settingHint(mistake.name, mistake.value)
  if (mistake.about === 'flag') return flagHint(mistake.flag, mistake.value)
  return mistake.about === 'part' ? partHint(mistake) : valueHint(mistake)
}

function settingHint(written: string, value: unknown): string {
  const name = snakeCase(written)
  return (
    known(name) ??
    foreignHint({ name, isFlag: false, value }) ??
    nearest(name, value) ??
    'see docs/reference/settings.md'
  )
}

/** A known name in another spelling: `maxRequests`, `on-exit`. */
function known(name: string): string | undefined {
  if (isSetting(name)) return `did you mean "${name}"?`
  return hookNames.some((hook) => hook === name) ? `did you mean the hook ${name}?` : undefined
}

/** Settings for development, which no mistyped name of production may turn on. */
const development = ['reload', 'reload_extra_files']

function nearest(name: string, value: unknown): string | undefined {
  const own = [...settingNames, ...hookNames].filter(
    (each) => !development.includes(each) || each[0] === name[0],
  )
  const others = foreignNames().filter((each) => known(each) === undefined)
  const near = beginning(name, own) ?? didYouMean(name, [...own, ...others])
  if (near === undefined) return undefined
  return known(near) ?? foreignHint({ name: near, isFlag: false, value })
}

/** `on_start` for `on_starting`. */
function beginning(name: string, names: readonly string[]): string | undefined {
  const found = names.filter((each) => name.length > 3 && (each.startsWith(name) || name.startsWith(each)))
  return found.length === 1 ? found[0] : undefined
}

function flagHint(flag: string, value: string | undefined): string {
  const foreign = foreignHint({ name: flag, isFlag: true, value })
  if (foreign !== undefined) return foreign
  const own = settingNames
    .filter((name) => !development.includes(name) || flag.startsWith(`--${name[0]}`))
    .flatMap(flagsOf)
    .filter((each) => each.startsWith('--'))
  const all = ['--help', '--version', '--config', '--json', ...own]
  const near = flag.startsWith('--') ? didYouMean(flag, [...all, ...foreignFlags()]) : undefined
  if (near === undefined) return 'see tsgun --help'
  return all.includes(near)
    ? `did you mean ${near}?`
    : (foreignHint({ name: near, isFlag: true, value }) ?? 'see tsgun --help')
}
