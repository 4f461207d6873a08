// Runs in the command `tsgunctl`: sends one request to the control socket of a server. Its exit codes are in
// ipc/exit-codes.ts. With --socket it does not load the code that reads a config, so that it starts fast.

import './home.ts'
import { Command, CommanderError } from 'commander'
import type { BuiltProgram } from '../config/sources/built-program.ts'
import { didYouMean } from '../config/problems/did-you-mean.ts'
import { send, Unreachable, type ControlRequest } from '../control/client.ts'
import { commands, routes, type Command as CommandName, type Route } from '../control/protocol.ts'
import { controlExitCodes } from '../ipc/exit-codes.ts'
import { environmentNames } from '../ipc/environment.ts'
import { describeError } from '../logging/records/describe-error.ts'
import { ownVersion } from '../ipc/home.ts'
import { findSocket, SocketNotFound } from './find-socket.ts'
import { printer } from './print-reply.ts'

/** The request of a command line. */
interface Invocation {
  readonly name: CommandName
  readonly request: ControlRequest
  readonly wait: boolean
}

interface GlobalOptions {
  readonly socket?: string
  readonly config?: string
  readonly json?: boolean
}

/** `built`: for a program that `tsgun build` has made. Resolves with the exit code. */
export async function main(words: readonly string[], built?: BuiltProgram): Promise<number> {
  const invocations: Invocation[] = []
  const program = createControlCommand((invocation) => invocations.push(invocation))
  try {
    program.parse(words, { from: 'user' })
    const options: GlobalOptions = program.opts()
    const [first] = invocations
    return first === undefined ? controlExitCodes.usage.code : await run(first, options, built)
  } catch (error) {
    return reportError(error)
  }
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
    })
  const near = didYouMean(word, commands)
  const hint = near === undefined ? `expected ${commands.join(', ')}` : `did you mean ${near}?`
  command.error(`error: unknown command ${word}; ${hint}`)
}

function addCommand(program: Command, name: CommandName, onCommand: (invocation: Invocation) => void): void {
  const { method, path, does, body: fields, waits }: Route = routes[name]
  const command = program.command(name).description(does).allowExcessArguments(false)
  const words = Object.entries(fields).filter(([, { kind }]) => kind !== 'flag')
  // A field that may be left out can come first: then the words are those of the last fields.
  const least = words.filter(([, { required }]) => required).length
  const isCounted = words.findLastIndex(([, { required }]) => !required) < least
  for (const [field, { required, doc }] of words)
    command.argument(required && !isCounted ? `<${field}>` : `[${field}]`, doc)
  for (const [field, { kind, doc }] of Object.entries(fields))
    if (kind === 'flag') command.option(`--${field}`, doc)
  if (waits !== null) command.option('--wait', `wait ${waits}, and show the progress`)
  command.action(() => {
    const { wait = false, ...flags }: Readonly<Record<string, unknown>> = command.opts()
    const { args } = command
    if (args.length < least) command.error(`error: missing required argument '${words.at(-1)?.[0] ?? ''}'`)
    const skipped = isCounted ? words.length - args.length : 0
    const given = words.flatMap(([field, { kind }], index) => {
      const word = args[index - skipped]
      return word === undefined
        ? []
        : [[field, kind === 'number' && /^-?\d+$/.test(word) ? Number(word) : word] as const]
    })
    const request = {
      method,
      path: wait === true ? `${path}?wait=1` : path,
      body: { ...Object.fromEntries(given), ...flags },
    }
    onCommand({ name, request, wait: wait === true })
  })
}

async function run(
  { name, request, wait }: Invocation,
  { socket, config, json = false }: GlobalOptions,
  built: BuiltProgram | undefined,
): Promise<number> {
  const search = { socket, config, environment: process.env, directory: process.cwd(), built }
  const path = await findSocket(search)
  const output = printer({ name, json, out: process.stdout, err: process.stderr, environment: process.env })
  const onWait = (): unknown => process.stderr.write(`tsgunctl: waiting for the master at ${path} …\n`)
  const response = await send(path, request, { onWait })
  return wait && response.status === 200 ? output.printProgress(response) : output.print(response)
}

function reportError(error: unknown): number {
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? controlExitCodes.done.code : controlExitCodes.usage.code
  if (error instanceof SocketNotFound || error instanceof Unreachable) {
    process.stderr.write(`tsgunctl: ${error.message}\n`)
    return error instanceof SocketNotFound ? controlExitCodes.usage.code : controlExitCodes.unreachable.code
  }
  process.stderr.write(`internal error in tsgunctl; please report it:\n${describeError(error).stack}\n`)
  return controlExitCodes.failed.code
}
