// The tables in docs/run/logs.md, made from those that the access formats are compiled from. The rest of the
// page is written by hand.

import { format, resolveConfig } from 'prettier'
import { accessAtomFamilies, accessAtoms } from '../../src/logging/access/atoms.ts'
import { namedFormats } from '../../src/logging/access/compile.ts'
import { accessFields } from '../../src/logging/access/json.ts'
import { recordFields } from '../../src/logging/records/record-fields.ts'

/** Puts each table between its marks, `<!-- name:start -->` and `<!-- name:end -->`. */
export async function fillLoggingPage(page: string): Promise<string> {
  const filled = Object.entries(tables()).reduce(
    (text, [name, table]) => replaceBetween(text, name, table),
    page,
  )
  const config = await resolveConfig(import.meta.filename)
  return format(filled, { ...config, parser: 'markdown' })
}

function tables(): Readonly<Record<string, string>> {
  const fields = accessFields.map(({ name, type, meaning }) => [`\`${name}\``, type, meaning])
  const atoms = Object.entries(accessAtoms).map(([letter, { meaning }]) => [`\`%(${letter})s\``, meaning])
  const families = Object.entries(accessAtomFamilies).map(([letter, { argument, meaning }]) => {
    return [`\`%({${argument}}${letter})s\``, meaning]
  })
  const records = recordFields.map(({ name, type, of, meaning }) => [`\`${name}\``, type, of, meaning])
  const formats = Object.entries(namedFormats).map(([name, text]) => [`\`${name}\``, `\`${text}\``])
  return {
    fields: table(['field', 'type', 'meaning'], fields),
    atoms: table(['atom', 'meaning'], [...atoms, ...families]),
    records: table(['field', 'type', 'of', 'meaning'], records),
    formats: table(['format', 'the same in atoms'], formats),
  }
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

export function replaceBetween(page: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`]
  const [before, rest] = page.split(start)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined)
    throw new Error(`the page has no marks ${start} and ${end}`)
  return `${before}${start}\n\n${text}\n\n${end}${after}`
}
