// Runs in the arbiter: what a reload has changed in the settings, as the error log shows it. Values that may
// be secret are not shown. Pure.

import { settingNames, type Settings } from '../../config/settings/table.ts'

/**
 * A change of one setting, or of one variable of `env`. Without values when they are not for a log;
 * undefined: there is none.
 */
export interface SettingChange {
  readonly name: string
  readonly values?: { readonly from: string | undefined; readonly to: string | undefined }
}

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

/** `workers 2 → 4, env.SECRET (hidden)` */
export function tellChanges(changes: readonly SettingChange[]): string {
  return changes
    .map(
      ({ name, values }) =>
        `${name} ${values ? `${values.from ?? 'none'} → ${values.to ?? 'none'}` : '(hidden)'}`,
    )
    .join(', ')
}

/** What a variable holds is nobody's business, whatever its name. */
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
