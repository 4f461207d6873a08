// Runs in the arbiter: the settings that a reload does not change. Pure.

import type { Setting } from '../../config/settings/row.ts'
import {
  settingNames,
  settings as table,
  type SettingName,
  type Settings,
} from '../../config/settings/table.ts'

export interface Kept {
  readonly settings: Settings
  /** The settings that differ, but only change with a restart. */
  readonly kept: readonly SettingName[]
}

/** The new settings, with the old values where only a restart can change them. */
export function keepFixed(before: Settings, after: Settings): Kept {
  const fixed = settingNames.filter((name) => (table[name] as Setting).fixed === true)
  const kept = fixed.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
  const old = Object.fromEntries(kept.map((name) => [name, before[name]]))
  return { settings: { ...after, ...old }, kept }
}
