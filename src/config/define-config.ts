// For the user's config file: completion and type errors in the editor. Does nothing at run time.

import type { Hooks } from './hooks/signatures.ts'
import type { SettingsInput } from './settings/table.ts'

export type UserConfig = SettingsInput & Hooks

/** What a config file exports as default. */
export type ConfigExport = UserConfig | (() => UserConfig | Promise<UserConfig>)

/**
 * Types the default export of a config file: an object, or a function, which may be async, that returns one.
 * Runs in the master and in every worker. Returns its argument.
 */
export function defineConfig(config: ConfigExport): ConfigExport {
  return config
}
