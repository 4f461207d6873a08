// What to write instead of a wrong value, for settings with a form of their own.

import { isRecord } from '../../os/type-checks.ts'
import { show } from '../problems/problem.ts'

export function appHint(value: unknown): string | undefined {
  if (typeof value === 'function' || isRecord(value))
    return 'name the file that exports the app, such as "./app.ts"; its code runs in the workers'
  if (typeof value !== 'string') return undefined
  const command = /^(?:node|tsx|ts-node|bun|deno(?: run)?)\s+(?:-\S+\s+)*(\S+)/.exec(value.trim())?.[1]
  if (command !== undefined) return `write "${command}"`
  if (/^[a-z]:[\\/]/i.test(value)) return 'tsgun runs on Linux, where paths have no drive'
  return /^file:\/\//.test(value) ? 'write the path, without "file://"' : undefined
}

/** gunicorn's raw_env is a list of `NAME=value`. */
export function environmentHint(value: unknown): string | undefined {
  const pairs = Array.isArray(value) ? value : [value]
  const [first] = pairs
  const [, name, text = ''] = typeof first === 'string' ? (/^(\w+)=(.*)$/s.exec(first) ?? []) : []
  return name === undefined ? undefined : `write { ${name}: ${JSON.stringify(text)} }`
}

const intervals: Readonly<Record<string, string>> = {
  daily: '1d',
  weekly: '1w',
  monthly: '1M',
  hourly: '1h',
  midnight: '1d',
}

export function rotationHint(value: unknown, isText: boolean): string | undefined {
  const text = String(value)
  const interval = intervals[text.toLowerCase()] ?? (/^(?:\d+[dwhms]|1M)$/.test(text) ? text : undefined)
  if (interval !== undefined && typeof value === 'string')
    return isText ? `write interval=${interval}` : `write { interval: "${interval}" }`
  if (typeof value === 'string' && /^\d+(\.\d+)? ?[KMGT]i?B?$/i.test(text))
    return isText ? `write size=${text}` : `write { size: "${text}" }`
  if (isText && /^\d+$/.test(text)) return `write keep=${text} for a number of files`
  if (typeof value === 'number') return `write { keep: ${value} } for a number of files`
  if (value === false) return 'write null'
  return value === true ? 'write { interval: "1d", keep: 14 }, for example' : undefined
}

export function fileHint(value: unknown): string | undefined {
  if (value === false) return 'write null to switch it off'
  if (value === true) return 'write a path, or "-" for a log on the terminal'
  if (typeof value === 'number') return `write ${show(String(value))} if this is the name of a file`
  return value === '' ? 'write null to switch it off' : undefined
}

export function addressHint(value: unknown): string | undefined {
  if (typeof value === 'number') return `write ":${value}"`
  if (isRecord(value)) {
    const { port, host, path } = value
    if (typeof path === 'string') return `write "unix:${path}"`
    if (port !== undefined) return `write "${typeof host === 'string' ? host : ''}:${String(port)}"`
  }
  if (!Array.isArray(value)) return undefined
  const number: unknown = value.find((each) => typeof each === 'number')
  return number === undefined ? undefined : `write ":${String(number)}"`
}
