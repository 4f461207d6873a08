// What a user's config file imports: completion and compile errors in the editor, nothing at run time.

import type { Hooks } from './hooks/signatures.ts'
import type { SettingsInput } from './settings/table.ts'

export type UserConfig = SettingsInput & Hooks

/**
 * Types the object (or the async function that answers it) which a config file exports as its default.
 * Runs in the master and in every worker; returns its argument.
 */
export function defineConfig(config: UserConfig): UserConfig
export function defineConfig(
  config: () => UserConfig | Promise<UserConfig>,
): () => UserConfig | Promise<UserConfig>
export function defineConfig(config: unknown): unknown {
  return config
}
