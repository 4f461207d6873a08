// Runs in `tsgun migrate`: a value of another tool becomes a setting if the setting accepts it, else a
// comment. Pure.

import { settings, type SettingName } from '../../config/settings/table.ts'
import type { Setting } from '../../config/settings/row.ts'
import { literal, type DraftPart } from '../config-file/draft.ts'

/** What one app of another tool becomes. */
export interface Migrated {
  readonly parts: readonly DraftPart[]
  /** What could not be carried over, one comment each. */
  readonly lost: readonly string[]
}

export interface Carried {
  readonly part?: DraftPart
  readonly lost?: string
}

/** `origin`: the name and value as the other tool has them, for the comment. */
export function carry(name: SettingName, value: unknown, origin: string): Carried {
  const { schema, expects }: Setting = settings[name]
  if (schema.safeParse(value).success) return { part: { name, code: literal(value) } }
  return { lost: `${origin}: ${name} expects ${expects}` }
}

export function collect(all: readonly Carried[]): Migrated {
  return {
    parts: all.flatMap(({ part }) => (part === undefined ? [] : [part])),
    lost: all.flatMap(({ lost }) => (lost === undefined ? [] : [lost])),
  }
}

/** The comment at the end of the config. */
export function lostPart(tool: string, lost: readonly string[]): DraftPart[] {
  if (lost.length === 0) return []
  return [{ comment: [`Not carried over from ${tool}:`, ...lost.flatMap((line) => asItem(line))] }]
}

/** A text of several lines is code: it stays as it is. */
function asItem(text: string): string[] {
  const [first = '', ...rest] = text.split('\n')
  return [`- ${first}`, ...rest.map((line) => `    ${line}`)]
}
