// The lists in docs/reference/log-fields.md, made from the tables that the log formats are compiled from. The
// rest of the page is written by hand.

import { eventTable, subjects } from '../../src/arbiter/report/event-table.ts'
import { accessAtomFamilies, accessAtoms } from '../../src/logging/access/atoms.ts'
import { namedFormats } from '../../src/logging/access/compile.ts'
import { accessFields, clientCertificateFields, serviceFields } from '../../src/logging/access/json.ts'
import { recordFields, type RecordField } from '../../src/logging/records/record-fields.ts'
import { workerEvents } from '../../src/logging/records/worker-events.ts'
import { entry, replaceBetween } from './lines.ts'

export function fillLogFieldsPage(page: string): string {
  return Object.entries(lists()).reduce((text, [name, list]) => replaceBetween(text, name, list), page)
}

function lists(): Readonly<Record<string, string>> {
  const fields = [...accessFields, ...serviceFields, ...clientCertificateFields].map(
    ({ name, type, meaning }) => entry(`\`${name}\` (${type})`, meaning),
  )
  const atoms = Object.entries(accessAtoms).map(([letter, { meaning }]) =>
    entry(`\`%(${letter})s\``, meaning),
  )
  const families = Object.entries(accessAtomFamilies).map(([letter, { argument, meaning }]) =>
    entry(`\`%({${argument}}${letter})s\``, meaning),
  )
  const formats = Object.entries(namedFormats).map(([name, text]) => entry(`\`${name}\``, `\`${text}\``))
  return {
    records: recordGroups().join('\n\n'),
    events: eventGroups().join('\n\n'),
    fields: fields.join('\n'),
    atoms: atoms.concat(families).join('\n'),
    formats: formats.join('\n'),
  }
}

/** A heading for each subject, below it its events in the order in which they happen. */
function eventGroups(): string[] {
  const groups = Object.entries(subjects).map(([subject, title]) => {
    const events = Object.entries(eventTable).filter(([, { of }]) => of === subject)
    return eventGroup(
      title,
      events.map(([name, { meaning }]) => [name, meaning]),
    )
  })
  return [...groups, eventGroup('In records of a worker itself', Object.entries(workerEvents))]
}

function eventGroup(title: string, events: readonly (readonly [name: string, meaning: string])[]): string {
  return `### ${title}\n\n${events.map(([name, meaning]) => entry(`\`${name}\``, meaning)).join('\n')}`
}

/** A heading for each kind of record, below it the fields that such records have. */
function recordGroups(): string[] {
  const groups = new Map<string, string[]>()
  for (const { name, type, of, meaning } of recordFields satisfies readonly RecordField[]) {
    const group = groups.get(of) ?? []
    group.push(entry(`\`${name}\` (${type})`, meaning))
    groups.set(of, group)
  }
  return [...groups].map(([of, list]) => `### ${capitalised(of)}\n\n${list.join('\n')}`)
}

function capitalised(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
}
