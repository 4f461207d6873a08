// Runs in the arbiter: what a reload changes in the settings, as the error log shows it. Values that may be
// secret are left out. Pure.

import { settingNames, type Settings } from '../../config/settings/table.ts'
import { changedVariables, type Variables } from '../../os/variables.ts'
import type { SettingChange } from '../model/events.ts'
import type { Generation } from '../model/generation.ts'

/** The characters of a value that are shown. */
const longest = 60
const secretName = /secret|token|passw|key|auth|credential/i
/** `redis://user:password@host`, `nats://token@host` */
const urlWithPassword = /\/\/[^/\s"@]+@/

/** The part of a generation that is compared. */
export interface Changeable extends Pick<Generation, 'environmentChanges'> {
  readonly config: Pick<Generation['config'], 'settings' | 'fileVariables'>
}

export function changesBetween(before: Changeable, after: Changeable): readonly SettingChange[] {
  return [
    ...changedSettings(before.config.settings, after.config.settings),
    ...changesOf('env_file', before.config.fileVariables, after.config.fileVariables),
    ...changesOf('process.env', ...bothOf(before, after)),
  ]
}

function changedSettings(before: Settings, after: Settings): readonly SettingChange[] {
  return settingNames.flatMap((name) => {
    if (name === 'env') return changesOf('env', before.env, after.env)
    // which may contain variables
    if (name === 'services') return changesOf(name, textsOf(before.services), textsOf(after.services))
    const [from, to] = [JSON.stringify(before[name]), JSON.stringify(after[name])]
    if (from === to) return []
    return isSecret(name, before[name]) || isSecret(name, after[name])
      ? [{ name }]
      : [{ name, values: { from: cut(from), to: cut(to) } }]
  })
}

/** The value of a variable is never shown, whatever its name. */
function changesOf(where: string, before: Variables, after: Variables): readonly SettingChange[] {
  return [...changedVariables(before, after).keys()].map((name) => ({ name: `${where}.${name}` }))
}

/** Each part as text, to compare it. */
function textsOf(parts: Readonly<Record<string, unknown>>): Variables {
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, JSON.stringify(part)]))
}

/** What both configs have put into the environment. */
function bothOf(before: Changeable, after: Changeable): [Variables, Variables] {
  return [Object.fromEntries(before.environmentChanges), Object.fromEntries(after.environmentChanges)]
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
