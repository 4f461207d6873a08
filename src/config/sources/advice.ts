// Warnings about values that are valid and look like a mistake: milliseconds, bytes without a unit, a port
// where a file belongs. Runs in the arbiter at each load of the config. Pure.

import type { Found } from './check-value.ts'
import type { Part, Setting, Unit } from '../settings/row.ts'
import { parseSize } from '../settings/size.ts'
import { isRecord } from '../../os/type-checks.ts'

/** Returns the warnings about an accepted value and its parts. */
export function adviceOf({ where, written, value }: Found, row: Setting): string[] {
  return adviceAt(written, value, row).map((text) => `${where}: ${text}`)
}

function adviceAt(
  name: string,
  value: unknown,
  { unit, parts = {} }: Pick<Part, 'unit' | 'parts'>,
): string[] {
  if (isRecord(value))
    return Object.entries(value).flatMap(([key, inner]) => {
      const part = parts[key]
      return part === undefined ? [] : adviceAt(`${name}.${key}`, inner, part)
    })
  const text = unit === undefined ? undefined : advice[unit](value)
  return text === undefined ? [] : [`${name}: ${text}`]
}

const advice: Readonly<Record<Unit, (value: unknown) => string | undefined>> = {
  seconds: millisecondsAdvice,
  bytes: bytesAdvice,
  file: fileAdvice,
  mode: () => undefined,
  address: () => undefined,
}

/** A round number of milliseconds that is not a whole number of hours or days: 1500, 30000, 90000. */
function millisecondsAdvice(value: unknown): string | undefined {
  if (typeof value !== 'number' || value < 1000 || value % 500 !== 0) return undefined
  if (value % (value > 86_400 ? 86_400 : 3600) === 0) return undefined
  return `${value} is ${duration(value)}; settings are in seconds: did you mean ${value / 1000}?`
}

/** Returns seconds as people say them: `8.3 hours`. */
export function duration(seconds: number): string {
  const [unit, size] = [
    ['days', 86_400],
    ['hours', 3600],
    ['minutes', 60],
  ].find(([, each]) => seconds >= 2 * Number(each)) ?? ['seconds', 1]
  return `${Number((seconds / Number(size)).toPrecision(2))} ${unit}`
}

/** No file and no process is this small: the unit is missing. */
const smallest = 65_536

function bytesAdvice(value: unknown): string | undefined {
  if (typeof value === 'string' && !/^\d+$/.test(value)) return undefined
  const bytes = typeof value === 'string' ? parseSize(value) : value
  if (typeof bytes !== 'number' || bytes === 0 || bytes >= smallest) return undefined
  return `${bytes} is ${bytes} bytes; did you mean "${bytes}M"?`
}

const streams = ['stdout', 'stderr', 'console']
const switches = ['off', 'none', 'false', 'no', 'null', 'disabled']

function fileAdvice(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  if (/^\d+$/.test(value))
    return `this is the file "${value}"; for a port: -b :${value}, or bind: ":${value}"`
  if (value.startsWith('~/')) return `"~" is not expanded: this is a directory of that name; write the path`
  if (streams.includes(value)) return `this is the file "${value}"; for the standard stream write "-"`
  if (switches.includes(value.toLowerCase()))
    return `this is the file "${value}"; to switch it off write null`
  return /^(?:unix|file):/.test(value) ? `this is a path: leave "${value.split(':')[0]}:" out` : undefined
}
