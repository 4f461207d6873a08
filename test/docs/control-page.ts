// The lists in docs/run/control.md and docs/reference/control-api.md, made from the tables that the control
// socket and `tsgunctl` work by. The rest of the pages is written by hand.

import { statusFields, workerFields, type ResponseField } from '../../src/control/fields.ts'
import { commands, routes, type Command, type Route } from '../../src/control/protocol.ts'
import { entry, replaceBetween } from './lines.ts'

/** docs/run/control.md: the commands of `tsgunctl`. */
export function fillControlPage(page: string): string {
  const list = commands.map((name) => entry(`\`tsgunctl ${usage(name)}\``, effect(name)))
  return replaceBetween(page, 'commands', list.join('\n'))
}

/** docs/reference/control-api.md: the requests, and the fields of their responses. */
export function fillControlApiPage(page: string): string {
  const lists = {
    routes: commands.map(request).join('\n\n'),
    status: fields(statusFields),
    workers: fields(workerFields),
  }
  return Object.entries(lists).reduce((text, [name, list]) => replaceBetween(text, name, list), page)
}

function effect(name: Command): string {
  const { does, waits }: Route = routes[name]
  return waits === null ? does : `${does} \`--wait\` waits ${waits}.`
}

function usage(name: Command): string {
  const { body, waits }: Route = routes[name]
  const words = Object.entries(body).map(([field, { kind, required }]) => {
    if (kind === 'flag') return `[--${field}]`
    return required ? field.toUpperCase() : `[${field.toUpperCase()}]`
  })
  const wait = waits === null ? [] : ['[--wait]']
  return [String(name)].concat(words, wait).join(' ')
}

function request(name: Command): string {
  const { method, path, does, waits, body }: Route = routes[name]
  const fields = Object.entries(body).map(
    ([field, { expects, required, doc }]) =>
      `- body, \`${field}\`: ${expects}${required ? '' : ', optional'}. ${doc}`,
  )
  const wait = waits === null ? [] : [`- \`?wait=1\` waits ${waits}`]
  const facts = fields.concat(wait)
  const list = facts.length === 0 ? '' : `\n\n${facts.join('\n')}`
  return `### ${method} ${path}\n\n${does}${list}`
}

function fields(rows: Readonly<Record<string, ResponseField>>): string {
  return Object.entries(rows)
    .map(([name, { type, meaning }]) => entry(`\`${name}\` (${type})`, meaning))
    .join('\n')
}
