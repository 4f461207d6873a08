// Where each log goes, as the settings say it. Pure but for the standard streams, which may be one and the
// same. Used by the arbiter.

import { fstatSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Channel } from '../channels.ts'
import type { RotationPolicy } from '../rotation/policy.ts'

/** A path, `-` for a standard stream, or null for none; a path may have a rotation of its own. */
export type Destination = string | null | { readonly path: string; readonly rotation: RotationPolicy | null }

export interface LogSettings {
  readonly accesslog: Destination
  readonly errorlog: Destination
  readonly applog: Destination
  /** For the files that have none of their own. */
  readonly log_rotation: RotationPolicy | null
  /** Bytes that may wait in memory for each place. */
  readonly log_buffer: number
  /** Of the files that are made, as in chmod(2). */
  readonly log_file_mode: number
}

export const settingOf = { access: 'accesslog', error: 'errorlog', app: 'applog' } as const satisfies Record<
  Channel,
  keyof LogSettings
>

/** Where a log goes when its setting is `-`. */
const standardOf = { access: 'stdout', error: 'stderr', app: 'stdout' } as const satisfies Record<
  Channel,
  Standard
>

export type Standard = 'stdout' | 'stderr'

/** How a place is written to; all of it may change while it is open. */
export interface Manner {
  /** Bytes that may wait in memory. */
  readonly limit: number
  /** Null when the file is not rotated by the server. */
  readonly rotation: RotationPolicy | null
  /** Of the files that are made, as in chmod(2). */
  readonly mode: number
}

export type Place = { readonly type: 'none' } | UsedPlace

export type UsedPlace = Manner &
  ({ readonly type: 'standard'; readonly name: Standard } | { readonly type: 'file'; readonly path: string })

/** Paths that are no files, but that people write where a server asks for one. */
const specialPaths: Readonly<Record<string, Standard | null>> = {
  '/dev/null': null,
  '/dev/stdout': 'stdout',
  '/dev/stderr': 'stderr',
}

export function placeOf(channel: Channel, settings: LogSettings): Place {
  const destination = settings[settingOf[channel]]
  if (destination === null) return { type: 'none' }
  const { path, rotation } =
    typeof destination === 'string' ? { path: destination, rotation: settings.log_rotation } : destination
  const name = path === '-' ? standardOf[channel] : specialPaths[path]
  if (name === null) return { type: 'none' }
  const manner = { limit: settings.log_buffer, rotation, mode: settings.log_file_mode }
  return name === undefined
    ? { type: 'file', path: resolve(path), ...manner }
    : { type: 'standard', name, ...manner }
}

/**
 * The same for two logs that share a file or a stream: they share its sink, so that their lines do not tear
 * each other.
 */
export function keyOf(place: UsedPlace): string {
  return place.type === 'file' ? place.path : standardKey(place.name)
}

/** After `2>&1` both are one stream. */
function standardKey(name: Standard): string {
  const { dev, ino } = fstatSync(name === 'stdout' ? 1 : 2)
  return `${dev}:${ino}`
}
