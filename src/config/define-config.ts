// For the user's config file: completion and type errors in the editor. Does nothing at run time.

import type { Hooks } from './hooks/signatures.ts'
import type { SettingsInput } from './settings/input.ts'

/** Settings and hooks: what a config file contains. */
export interface Config extends SettingsInput, Hooks {}

type NoSettings = { readonly [Name in Exclude<keyof Config, 'bind'>]?: undefined }

/**
 * A function that returns a config. It has no settings, which tells an editor that an object with settings is
 * no function: otherwise the text of `bind` could be that of the method which every function has.
 */
export interface ConfigFunction extends NoSettings {
  (): Config | Promise<Config>
}

/** What a config file exports as default. */
export type ConfigExport = Config | ConfigFunction

/**
 * Types the default export of a config file: an object, or a function, which may be async, that returns one.
 * Runs in the master and in every worker. Returns its argument.
 */
export function defineConfig(config: ConfigExport): ConfigExport {
  return config
}
