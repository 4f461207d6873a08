// Runs in the arbiter: what a reload changes in the settings, as the error log shows it. Values that may be
// secret are left out. Pure.

import { settingNames, type Settings } from '../../config/settings/table.ts'
import type { SettingChange } from '../model/events.ts'

/** The characters of a value that are shown. */
const longest = 60
const secretName = /secret|token|passw|key|auth|credential/i
/** `redis://user:password@host` */
const urlWithPassword = /\/\/[^/\s"@]*:[^/\s"@]+@/

export function changedSettings(before: Settings, after: Settings): readonly SettingChange[] {
  return settingNames.flatMap((name) => {
    if (name === 'env') return changedVariables(before.env, after.env)
    const [from, to] = [JSON.stringify(before[name]), JSON.stringify(after[name])]
    if (from === to) return []
    return isSecret(name, before[name]) || isSecret(name, after[name])
      ? [{ name }]
      : [{ name, values: { from: cut(from), to: cut(to) } }]
  })
}

/** The value of a variable is never shown, whatever its name. */
function changedVariables(before: Settings['env'], after: Settings['env']): readonly SettingChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].filter((name) => before[name] !== after[name]).map((name) => ({ name: `env.${name}` }))
}

function isSecret(name: string, value: unknown): boolean {
  if (secretName.test(name)) return true
  if (typeof value === 'string') return urlWithPassword.test(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, inner]) => isSecret(Array.isArray(value) ? '' : key, inner))
}

function cut(text: string | undefined): string | undefined {
  return text !== undefined && text.length > longest ? `${text.slice(0, longest)}…` : text
}
