// Runs in the command, for `--print-config`: prints every setting with its value and its source.

import type { LoadedConfig } from '../config/load.ts'
import type { Setting } from '../config/settings/row.ts'
import { settingNames, settings as table, type SettingName } from '../config/settings/table.ts'
import { exitCodes } from '../ipc/exit-codes.ts'

/** Returns the exit code. */
export function printConfig({ settings, origins, file, hooks }: LoadedConfig, json: boolean): number {
  const hookFiles = Object.fromEntries(
    Object.entries(hooks).map(([name, sources]) => [name, sources.map((source) => source.file)]),
  )
  const shown = Object.fromEntries(settingNames.map((name) => [name, concealed(name, settings[name])]))
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ config: file, settings: shown, origins, hooks: hookFiles }, null, 2)}\n`,
    )
    return exitCodes.ok.code
  }
  const width = Math.max(...settingNames.map((name) => name.length))
  const lines = settingNames.map(
    (name) => `${name.padEnd(width)} = ${format(name, shown[name])}  (${origins[name]})`,
  )
  const hookLines = Object.entries(hookFiles).map(
    ([name, files]) => `${name.padEnd(width)} = a hook  (${files.join(', ')})`,
  )
  process.stdout.write(`${[`# ${file ?? 'no config file'}`, ...lines, ...hookLines].join('\n')}\n`)
  return exitCodes.ok.code
}

function concealed(name: SettingName, value: unknown): unknown {
  const { conceal }: Setting = table[name]
  return conceal === undefined ? value : conceal(value)
}

function format(name: SettingName, value: unknown): string {
  const { print }: Setting = table[name]
  return print === undefined ? JSON.stringify(value) : print(value)
}
