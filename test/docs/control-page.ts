// The tables in docs/run/control.md, made from those that the control socket and `tsgunctl` work by. The
// rest of the page is written by hand.

import { format, resolveConfig } from 'prettier'
import { statusFields, workerFields, type ResponseField } from '../../src/control/fields.ts'
import { commands, routes, type Command, type Route } from '../../src/control/protocol.ts'
import { controlExitCodes } from '../../src/ipc/exit-codes.ts'
import { replaceBetween, table } from './logging-page.ts'

/** Puts each table between its marks, `<!-- name:start -->` and `<!-- name:end -->`. */
export async function fillControlPage(page: string): Promise<string> {
  const filled = Object.entries(tables()).reduce(
    (text, [name, rows]) => replaceBetween(text, name, rows),
    page,
  )
  const config = await resolveConfig(import.meta.filename)
  return format(filled, { ...config, parser: 'markdown' })
}

function tables(): Readonly<Record<string, string>> {
  const codes = Object.values(controlExitCodes).map(({ code, meaning }) => [String(code), meaning])
  return {
    commands: table(
      ['command', 'what it does'],
      commands.map((name) => [`\`tsgunctl ${usage(name)}\``, does(name)]),
    ),
    codes: table(['code', 'meaning'], codes),
    routes: table(
      ['request', 'body', 'what it does'],
      commands.map((name) => [
        `\`${routes[name].method} ${routes[name].path}\``,
        bodyOf(routes[name]),
        does(name),
      ]),
    ),
    status: fields(statusFields),
    workers: fields(workerFields),
  }
}

function does(name: Command): string {
  const { does: text, waits }: Route = routes[name]
  return waits === null ? text : `${text} Waiting is ${waits}.`
}

function usage(name: Command): string {
  const { body, waits }: Route = routes[name]
  const words = Object.entries(body).map(([field, { kind, required }]) => {
    if (kind === 'flag') return `[--${field}]`
    return required ? field.toUpperCase() : `[${field.toUpperCase()}]`
  })
  return [name, ...words, ...(waits === null ? [] : ['[--wait]'])].join(' ')
}

function bodyOf({ body }: Route): string {
  const parts = Object.entries(body).map(([name, { expects, required, doc }]) => {
    return `\`${name}\`: ${expects}${required ? '' : ', optional'}. ${doc}`
  })
  return parts.join(' ') || 'none'
}

function fields(rows: Readonly<Record<string, ResponseField>>): string {
  return table(
    ['field', 'type', 'meaning'],
    Object.entries(rows).map(([name, { type, meaning }]) => [`\`${name}\``, type, meaning]),
  )
}
