// The flags of settings, read from the settings table.

import type { Setting } from '../settings/row.ts'
import { settingNames, settings, type SettingName } from '../settings/table.ts'

export const isSetting = (name: string): name is SettingName => settingNames.some((each) => each === name)

export const snakeCase = (name: string): string =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/[-.\s]+/g, '_')
    .toLowerCase()

export const kebabCase = (name: string): string => snakeCase(name).replaceAll('_', '-')

/** All forms of the flag of a setting, short ones first: `-w`, `--workers`. */
export function flagsOf(name: SettingName): readonly string[] {
  const { flag = '' }: Setting = settings[name]
  return flag.match(/(?<![\w<-])--?[a-z-]+/gi) ?? []
}

/** The setting that has this flag. */
export function settingOfFlag(flag: string): SettingName | undefined {
  return settingNames.find((name) => flagsOf(name).includes(flag))
}

/** How a setting is written: `workers: 4`, `-w 4`, or what stands in the place of a flag. */
export function writtenAs(name: SettingName, value: string | undefined, isFlag: boolean): string {
  const [flag] = flagsOf(name)
  if (!isFlag) return value === undefined ? `"${name}"` : `${name}: ${value}`
  if (flag === undefined)
    return name === 'app' ? 'the argument: tsgun ./app.ts' : `"${name}" of the config file`
  return value === undefined ? flag : `${flag} ${value}`
}
