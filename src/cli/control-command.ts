// Runs in `tsgunctl`: its command line, made from the table of requests.

import { Command } from 'commander'
import { didYouMean } from '../config/problems/did-you-mean.ts'
import type { ControlRequest } from '../control/client.ts'
import { commands, routes, type Command as CommandName, type Field, type Route } from '../control/routes.ts'
import { environmentNames } from '../ipc/environment.ts'
import { ownVersion } from '../ipc/home.ts'

/** The request of a command line. */
export interface Invocation {
  readonly name: CommandName
  readonly request: ControlRequest
  readonly wait: boolean
  /** All fields that are given, also those that are not in the request. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** Returns the command line parser, which calls `onCommand` for a valid command. */
export function createControlCommand(onCommand: (invocation: Invocation) => void): Command {
  const program = new Command('tsgunctl')
    .description(
      'Shows the state of a running tsgun server and controls it. Without a command it shows the status.',
    )
    .version(ownVersion(), '--version')
    .option(
      '--socket <path>',
      `the control socket; default: $${environmentNames.controlSocket}, or that of the config`,
    )
    .option(
      '-c, --config <file>',
      "the server's config file, which has the path of the control socket; default: as for tsgun",
    )
    .option('--json', 'print the response as JSON')
    .allowExcessArguments()
    .exitOverride() // before the subcommands are added, which copy it
    .action((_, command: Command) => runStatus(command, onCommand))
  for (const name of commands) addCommand(program, name, onCommand)
  return program
}

function runStatus(command: Command, onCommand: (invocation: Invocation) => void): void {
  const [word] = command.args
  if (word === undefined)
    return onCommand({
      name: 'status',
      request: { method: routes.status.method, path: routes.status.path, body: {} },
      wait: false,
      fields: {},
    })
  const near = didYouMean(word, commands)
  const hint = near === undefined ? `expected ${commands.join(', ')}` : `did you mean ${near}?`
  command.error(`error: unknown command ${word}; ${hint}`)
}

function addCommand(program: Command, name: CommandName, onCommand: (invocation: Invocation) => void): void {
  const { method, path, does, fields, waits }: Route = routes[name]
  const command = program.command(name).description(does).allowExcessArguments(false)
  const words = Object.entries(fields).filter(([, { option }]) => option === undefined)
  // A field that may be left out can come first: then the words are those of the last fields.
  const least = words.filter(([, { required }]) => required).length
  const isCounted = words.findLastIndex(([, { required }]) => !required) < least
  for (const [field, { required, doc }] of words)
    command.argument(required && !isCounted ? `<${field}>` : `[${field}]`, doc)
  for (const { option, doc } of Object.values(fields)) if (option !== undefined) command.option(option, doc)
  if (waits !== null) command.option('--wait', `wait ${waits}, and show the progress`)
  command.action(() => {
    const { wait = false, ...options }: Readonly<Record<string, unknown>> = command.opts()
    const { args } = command
    if (args.length < least) command.error(`error: missing required argument '${words.at(-1)?.[0] ?? ''}'`)
    const skipped = isCounted ? words.length - args.length : 0
    const given = {
      ...Object.fromEntries(words.map(([field], index) => [field, args[index - skipped]])),
      ...options,
    }
    const values = Object.entries(given).flatMap(([field, value]) =>
      value === undefined ? [] : [[field, valueOf(value, fields[field])] as const],
    )
    const isLocal = ([field]: readonly [string, unknown]): boolean => fields[field]?.isLocal === true
    onCommand({
      name,
      request: requestOf(method, path, {
        wait: wait === true,
        values: values.filter((each) => !isLocal(each)),
      }),
      wait: wait === true,
      fields: Object.fromEntries(values),
    })
  })
}

function valueOf(value: unknown, field: Field | undefined): unknown {
  const isNumber = field?.kind === 'number' && typeof value === 'string' && /^-?\d+$/.test(value)
  return isNumber ? Number(value) : value
}

interface Wanted {
  readonly wait: boolean
  readonly values: readonly (readonly [field: string, value: unknown])[]
}

/** The values are the query of a GET and the body of a POST. */
function requestOf(method: Route['method'], path: string, { wait, values }: Wanted): ControlRequest {
  if (method === 'POST')
    return { method, path: wait ? `${path}?wait=1` : path, body: Object.fromEntries(values) }
  const query = new URLSearchParams(
    values.map(([field, value]): [string, string] => [field, String(value)]),
  ).toString()
  return { method, path: query === '' ? path : `${path}?${query}`, body: {} }
}
