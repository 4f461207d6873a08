// Runs in the arbiter: what a reload changes in the settings, and whether it is done. Pure.

import {
  type SettingName,
  type Settings,
  settingNames,
  settings as table,
} from '../../config/settings/table.ts'
import type { Setting } from '../../config/settings/row.ts'
import type { WorkerRecord } from '../model/worker-record.ts'
import { holdsSlot } from '../model/worker-state.ts'

export interface Kept {
  readonly settings: Settings
  /** The settings that differ but only change with a restart. */
  readonly kept: readonly SettingName[]
}

/** The new settings, with the old values where only a restart can change them. */
export function keepFixed(before: Settings, after: Settings): Kept {
  const fixed = settingNames.filter((name) => (table[name] as Setting).fixed === true)
  const kept = fixed.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
  const old = Object.fromEntries(kept.map((name) => [name, before[name]]))
  return { settings: { ...after, ...old }, kept }
}

/**
 * Every slot has a ready worker of the generation, no other worker holds one, and none of another generation
 * can get a new connection.
 */
export function isComplete(workers: readonly WorkerRecord[], generation: number, target: number): boolean {
  const holders = workers.filter(({ state }) => holdsSlot(state))
  const slots = Array.from({ length: target }, (_, nr) => nr)
  return (
    workers.every((worker) => worker.generation === generation || !worker.accepting) &&
    holders.every((worker) => worker.generation === generation && worker.nr < target) &&
    slots.every((nr) => holders.some((worker) => worker.nr === nr && worker.state === 'ready'))
  )
}
