// The name that was meant by an unknown part of a setting.

import { isSetting } from './own-flags.ts'
import { didYouMean } from '../problems/did-you-mean.ts'
import type { Mistake } from '../problems/problem.ts'
import type { Parts, Setting } from '../settings/row.ts'
import { settings } from '../settings/table.ts'

/** Each part with names that other tools have for it. */
const otherParts: Readonly<Record<string, readonly string[]>> = {
  size: ['max_size', 'maxsize', 'filesize', 'bytes', 'limit'],
  interval: ['frequency', 'every', 'when', 'period', 'daily', 'schedule', 'cron'],
  keep: [
    'max',
    'max_files',
    'maxfiles',
    'files',
    'count',
    'backups',
    'backup_count',
    'retain',
    'rotate',
    'days',
  ],
  total_size: ['total', 'max_total', 'max_total_size'],
  compress: ['compression', 'gzip', 'zip', 'compressed'],
  path: ['file', 'filename', 'destination', 'dest'],
  paths: ['path', 'keys', 'fields'],
  censor: ['mask', 'replacement', 'placeholder'],
}

export function partHint({ setting, path }: Extract<Mistake, { about: 'part' }>): string | undefined {
  const name = path.at(-1) ?? ''
  const row: Setting | undefined = isSetting(setting) ? settings[setting] : undefined
  const names = Object.keys(partsAt(row?.parts ?? {}, path.slice(0, -1)))
  const flat = name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()
  const near = names.find((each) => otherParts[each]?.includes(flat)) ?? didYouMean(flat, names)
  return near === undefined ? `the parts are ${names.join(', ')}` : `did you mean "${near}"?`
}

function partsAt(parts: Parts, path: readonly string[]): Parts {
  return path.reduce<Parts>((found, name) => (found[name] ?? found['*'])?.parts ?? {}, parts)
}
