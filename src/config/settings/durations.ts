// The time settings in milliseconds. Users write seconds; the values are converted once, when a config is
// loaded, and the arbiter and its workers use milliseconds everywhere else. Pure.

import type { Settings } from './table.ts'

export const durationNames = [
  'timeout',
  'boot_timeout',
  'request_timeout',
  'graceful_timeout',
  'drain_delay',
  'hook_timeout',
  'keepalive',
  'header_timeout',
  'body_timeout',
] as const

/** Milliseconds by setting name. The meaning of 0 depends on the setting. */
export type Durations = { readonly [Name in (typeof durationNames)[number]]: number }

export function durationsOf(settings: Pick<Settings, keyof Durations>): Durations {
  const entries = durationNames.map((name) => [name, settings[name] * 1000] as const)
  return Object.fromEntries(entries) as Durations // one entry for each name
}
