// The settings that are a time, in milliseconds. A user writes seconds; they are converted once, when a
// config is loaded, and the arbiter and its workers count in milliseconds from there on. Pure.

import type { Settings } from './table.ts'

const names = [
  'timeout',
  'boot_timeout',
  'request_timeout',
  'graceful_timeout',
  'drain_delay',
  'hook_timeout',
  'keepalive',
] as const

/** Milliseconds, by the name of the setting; what 0 means is the setting's own. */
export type Durations = { readonly [Name in (typeof names)[number]]: number }

export function durationsOf(settings: Pick<Settings, keyof Durations>): Durations {
  const entries = names.map((name) => [name, settings[name] * 1000] as const)
  return Object.fromEntries(entries) as Durations // one entry for each name
}
