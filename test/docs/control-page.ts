// The lists in docs/run/control.md and docs/reference/control-api.md, made from the tables that the control
// socket and `tsgunctl` work by. The rest of the pages is written by hand.

import { statusFields, workerFields, type ResponseField } from '../../src/control/fields.ts'
import { commands, routes, type Command, type Route } from '../../src/control/routes.ts'
import { entry, replaceBetween } from './lines.ts'

/** docs/run/control.md: the commands of `tsgunctl`. */
export function fillControlPage(page: string): string {
  const list = commands.map((name) => entry(`\`tsgunctl ${usage(name)}\``, effect(name)) + options(name))
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

/** More options than these are shown in a list of their own. */
const optionsInLine = 2

function usage(name: Command): string {
  const { fields, waits }: Route = routes[name]
  const all = Object.entries(fields)
  const words = all.flatMap(([field, { option, required }]) => {
    if (option !== undefined) return []
    return [required ? field.toUpperCase() : `[${field.toUpperCase()}]`]
  })
  const options = optionsOf(name).map(({ option }) => `[${option}]`)
  const shown = options.length > optionsInLine ? ['[OPTIONS]'] : options
  return [String(name)].concat(words, shown, waits === null ? [] : ['[--wait]']).join(' ')
}

/** As a list, if the usage does not have them. */
function options(name: Command): string {
  const all = optionsOf(name)
  if (all.length <= optionsInLine) return ''
  return all.map(({ option, doc }) => `\n${entry(`\`${option}\``, doc).replaceAll(/^/gm, '  ')}`).join('')
}

/** With the word for a value in capitals, as in the arguments. */
function optionsOf(name: Command): { readonly option: string; readonly doc: string }[] {
  const { fields }: Route = routes[name]
  return Object.values(fields).flatMap(({ option, doc }) =>
    option === undefined
      ? []
      : [{ option: option.replace(/<(\w+)>/, (_, word: string) => word.toUpperCase()), doc }],
  )
}

function request(name: Command): string {
  const { method, path, does, waits, fields: all }: Route = routes[name]
  const sent = Object.entries(all).filter(([, { isLocal }]) => isLocal !== true)
  const place = method === 'GET' ? 'query' : 'body'
  const fields = sent.map(
    ([field, { expects, required, doc }]) =>
      `- ${place}, \`${field}\`: ${expects}${required ? '' : ', optional'}. ${doc}`,
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
