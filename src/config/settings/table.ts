// The table of all settings. Types, command-line flags, `--print-config`, docs/reference/settings.md and the
// JSON schema are derived from it, and a test fails when the docs differ. Names and meanings are gunicorn's
// where gunicorn has the setting.

import { computeSettings } from './compute.ts'
import { developSettings } from './develop.ts'
import { http2Settings } from './http2.ts'
import { limitsSettings } from './limits.ts'
import { logsSettings } from './logs.ts'
import { mechanicsSettings } from './mechanics.ts'
import { operateSettings } from './operate.ts'
import { proxiesSettings } from './proxies.ts'
import { recycleSettings } from './recycle.ts'
import { socketSettings } from './socket.ts'
import { timeSettings } from './time.ts'
import { tlsSettings } from './tls.ts'
import { whatSettings } from './what.ts'
import { workersSettings } from './workers.ts'

export type { Settings } from './checked.ts'
export type { SettingsInput } from './input.ts'

export const settings = {
  ...whatSettings,
  ...socketSettings,
  ...tlsSettings,
  ...proxiesSettings,
  ...workersSettings,
  ...timeSettings,
  ...limitsSettings,
  ...http2Settings,
  ...recycleSettings,
  ...computeSettings,
  ...logsSettings,
  ...mechanicsSettings,
  ...operateSettings,
  ...developSettings,
} as const

export type SettingName = keyof typeof settings

/** What a user may write, and the checked value: `npm run docs` writes them to input.ts and checked.ts. */
export type SchemaInput = {
  readonly [Name in SettingName]?: (typeof settings)[Name]['schema']['_zod']['input'] | undefined
}
export type SchemaOutput = {
  readonly [Name in SettingName]: (typeof settings)[Name]['schema']['_zod']['output']
}

// the keys of the table
export const settingNames = Object.keys(settings) as SettingName[]
