// The destination of each log, read from the settings: a file, a standard stream, or none. Runs in the
// arbiter. It asks the kernel only where a path leads, and whether the two standard streams are the same.

import { fstatSync } from 'node:fs'
import { resolve } from 'node:path'
import { logNames, type LogName } from '../log-names.ts'
import type { RotationPolicy } from '../rotation/policy.ts'
import { specialPath, type StandardStream } from './special-path.ts'

/** A path, `-` for a standard stream, or null for none. A path may have its own rotation. */
export type LogSetting = string | null | { readonly path: string; readonly rotation: RotationPolicy | null }

interface Destinations {
  readonly accesslog: LogSetting
  readonly errorlog: LogSetting
  readonly applog: LogSetting
}

/** Of services or schedules, by name: what is left out is that of the server. */
type OwnDestinations = Readonly<
  Record<string, { readonly [Log in keyof Destinations]?: LogSetting | undefined }>
>

export interface LogSettings extends Destinations {
  readonly services?: OwnDestinations
  readonly schedules?: OwnDestinations
  /** For files without a rotation of their own. */
  readonly log_rotation: RotationPolicy | null
  /** Bytes that each destination may buffer in memory. */
  readonly log_buffer: number
  /** Mode of the files that the server creates, as in chmod(2). */
  readonly log_file_mode: number
}

/** A log of the config. */
export interface ConfiguredLog {
  /** The service or schedule whose own log it is; undefined for those of the server. */
  readonly owner: string | undefined
  readonly log: LogName
  /** The setting that contains it. */
  readonly setting: keyof Destinations | 'services' | 'schedules'
  /** As in the config: `applog`, `services.feed.applog`. */
  readonly name: string
  readonly destination: Destination
}

/** The three of the server, then those that services and schedules have of their own. */
export function logsIn(settings: LogSettings): readonly ConfiguredLog[] {
  const ofServer = logNames.map((log): ConfiguredLog => {
    const setting = settingOf[log]
    const destination = destinationOf(log, settings[setting], settings)
    return { owner: undefined, log, setting, name: setting, destination }
  })
  return [...ofServer, ...ownLogs(settings, 'services'), ...ownLogs(settings, 'schedules')]
}

function ownLogs(settings: LogSettings, kind: 'services' | 'schedules'): readonly ConfiguredLog[] {
  return Object.entries(settings[kind] ?? {}).flatMap(([owner, own]) =>
    logNames.flatMap((log): ConfiguredLog[] => {
      const { [settingOf[log]]: given } = own
      if (given === undefined) return []
      const name = `${kind}.${owner}.${settingOf[log]}`
      return [{ owner, log, setting: kind, name, destination: destinationOf(log, given, settings) }]
    }),
  )
}

export const settingOf = { access: 'accesslog', error: 'errorlog', app: 'applog' } as const satisfies Record<
  LogName,
  keyof LogSettings
>

/** The standard stream of each log when its setting is `-`. */
const standardStreamOf = { access: 'stdout', error: 'stderr', app: 'stdout' } as const satisfies Record<
  LogName,
  StandardStream
>

/** How a destination is written. A reload may change these while it is open. */
export interface DestinationOptions {
  /** Bytes that may be buffered in memory. */
  readonly limit: number
  /** Null when the server does not rotate the file. */
  readonly rotation: RotationPolicy | null
  /** Mode of the files that the server creates, as in chmod(2). */
  readonly mode: number
}

export type Destination = { readonly type: 'none' } | WritableDestination

export type WritableDestination = DestinationOptions &
  (
    | { readonly type: 'standard'; readonly name: StandardStream }
    | { readonly type: 'file'; readonly path: string }
  )

function destinationOf(log: LogName, setting: LogSetting, settings: LogSettings): Destination {
  if (setting === null) return { type: 'none' }
  const { path, rotation } =
    typeof setting === 'string' ? { path: setting, rotation: settings.log_rotation } : setting
  const name = path === '-' ? standardStreamOf[log] : specialPath(path)
  if (name === 'null') return { type: 'none' }
  const options = { limit: settings.log_buffer, rotation, mode: settings.log_file_mode }
  return name === undefined
    ? { type: 'file', path: resolve(path), ...options }
    : { type: 'standard', name, ...options }
}

/**
 * Returns the same key for two destinations that are the same file or stream. Their logs share one sink, so
 * that lines are never mixed.
 */
export function keyOf(destination: WritableDestination): string {
  return destination.type === 'file' ? destination.path : streamKey(destination.name)
}

/** After `2>&1` both standard streams have the same key. */
function streamKey(name: StandardStream): string {
  const { dev, ino } = fstatSync(name === 'stdout' ? 1 : 2)
  return `${dev}:${ino}`
}
