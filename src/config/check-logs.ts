// Runs in the arbiter: checks the destinations of all logs, those of services and schedules too. Pure, except
// that it asks the kernel where a path leads.

import { logsIn, type ConfiguredLog } from '../logging/files/destination.ts'
import type { SettingName, Settings } from './settings/table.ts'

export interface LogProblem {
  readonly setting: SettingName
  /** The other settings that it was checked against. */
  readonly others: readonly SettingName[]
  readonly message: string
}

export function logProblems(settings: Settings): readonly LogProblem[] {
  const logs = logsIn(settings)
  return [...(settings.daemon ? withoutFiles(logs, settings) : []), ...differentRotations(logs)]
}

function withoutFiles(logs: readonly ConfiguredLog[], settings: Settings): readonly LogProblem[] {
  return logs
    .filter(({ destination }) => destination.type === 'standard')
    .map(({ setting, name }) => {
      const got = setting === name ? JSON.stringify(settings[setting]) : `"-" in ${name}`
      const message = `expected a file path or null, because a daemon has no terminal; got ${got}`
      return { setting, others: ['daemon'], message }
    })
}

/** Two logs may write to one file, which then has one rotation. */
function differentRotations(logs: readonly ConfiguredLog[]): readonly LogProblem[] {
  const first = new Map<string, { readonly log: ConfiguredLog; readonly rotation: string }>()
  return logs.flatMap((log) => {
    const { destination, setting, name } = log
    if (destination.type !== 'file') return []
    const rotation = JSON.stringify(destination.rotation)
    const other = first.get(destination.path) ?? { log, rotation }
    first.set(destination.path, other)
    if (other.rotation === rotation) return []
    const both = `because both logs are the file ${destination.path}`
    const where = setting === name ? '' : ` in ${name}`
    const message = `expected the same rotation${where} as \`${other.log.name}\`, ${both}`
    return [{ setting, others: [other.log.setting], message }]
  })
}
