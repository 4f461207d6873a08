// The text of a setting, a part of one and a hook, in Markdown: for the types that editors show, the JSON
// schema and the pages of docs/reference, which all say the same. Pure.

import { hookTable, type HookName, type HookRow } from '../hooks/table.ts'
import type { Part, Setting, Unit } from '../settings/row.ts'

/** A sentence or more, and facts for a list below it. */
export interface Text {
  readonly doc: string
  readonly facts: readonly string[]
}

/** What `expects` leaves open. The others name their unit or have none. */
const unitTexts: Partial<Readonly<Record<Unit, string>>> = { bytes: '; a number is in bytes' }

/** How often a flag may be given. */
const repeating: readonly Setting['text'][] = ['list', 'words', 'pairs', 'parts']

export function settingText(row: Setting): Text {
  const facts = [valueFact(row), `default: ${row.defaultText ?? `\`${JSON.stringify(row.default)}\``}`]
  if (row.flag !== undefined)
    facts.push(`command line: \`${row.flag}\`${repeating.includes(row.text) ? ', may be repeated' : ''}`)
  if (row.fixed) facts.push('changes with a restart only')
  return { doc: row.doc, facts }
}

export function partText(part: Part): Text {
  const facts = [valueFact(part)]
  if (part.default !== undefined) facts.push(`default: \`${JSON.stringify(part.default)}\``)
  return { doc: part.doc, facts }
}

function valueFact({ expects, unit }: Part | Setting): string {
  return `value: ${expects}${(unit && unitTexts[unit]) ?? ''}`
}

export function hookText(name: HookName): Text {
  const row: HookRow = hookTable[name]
  const { when, process, refuses } = row
  const stopped = process === 'arbiter' ? 'the start' : 'the worker'
  return {
    doc: when,
    facts: [
      `process: ${process === 'arbiter' ? 'master' : 'worker'}`,
      refuses === true ? `an exception **refuses ${stopped}**` : 'an exception is logged',
    ],
  }
}

export function showText({ doc, facts }: Text): string {
  return `${doc}\n\n${facts.map((fact) => `- ${fact}`).join('\n')}`
}
