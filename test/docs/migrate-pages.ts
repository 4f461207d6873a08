// The lists in docs/migrate, made from the tables that hints are made from. The rest of the pages is written
// by hand.

import { gunicornSections } from '../../src/config/hints/gunicorn.ts'
import type { GunicornRow } from '../../src/config/hints/gunicorn-row.ts'
import { pm2Fields } from '../../src/config/hints/pm2-fields.ts'
import type { Pm2Row } from '../../src/config/hints/pm2-row.ts'
import { entry, linkPages, replaceBetween } from './lines.ts'

/** docs/migrate/from-gunicorn.md: the settings of gunicorn. */
export function fillGunicornPage(page: string): string {
  const sections = Object.entries(gunicornSections).map(([section, rows]) => {
    const entries = Object.entries(rows).map(([name, row]) => gunicornEntry(name, row))
    return `### ${section}\n\n${entries.join('\n')}`
  })
  return replaceBetween(page, 'settings', sections.join('\n\n'))
}

function gunicornEntry(name: string, { answer, text }: GunicornRow): string {
  const term = `\`${name}\` (${answer})`
  return text === '' ? `- ${term}` : entry(term, linkPages(text))
}

/** docs/migrate/from-pm2.md: the fields of an ecosystem file. */
export function fillPm2Page(page: string): string {
  const list = Object.entries<Pm2Row>(pm2Fields).map(([name, row]) => entry(`\`${name}\``, pm2Text(row)))
  return replaceBetween(page, 'fields', list.join('\n'))
}

function pm2Text({ here, text }: Pm2Row): string {
  const said = linkPages(text)
  if (here === undefined) return said
  return said === '' ? `\`${here}\`` : `\`${here}\`; ${said}`
}
