// The command `tsgunctl`: one request to the control socket of a server. Every way it can end has an exit
// code of the table in ipc/exit-codes.ts. What it loads, it loads late: with --socket it asks without having
// loaded a config.

import { Command, CommanderError } from 'commander'
import { didYouMean } from '../config/problems/did-you-mean.ts'
import { ask, Unreachable, type Question } from '../control/client.ts'
import { commands, routes, type Command as CommandName, type Route } from '../control/protocol.ts'
import { controlExitCodes } from '../ipc/exit-codes.ts'
import { environmentNames } from '../ipc/environment.ts'
import { describeError } from '../logging/records/describe-error.ts'
import { readVersion } from '../version.ts'
import { findSocket, NoSocket } from './find-socket.ts'
import { printer } from './print-reply.ts'

/** What the command line asks for. */
interface Asked {
  readonly name: CommandName
  readonly question: Question
  readonly wait: boolean
}

interface GlobalOptions {
  readonly socket?: string
  readonly config?: string
  readonly json?: boolean
}

/** Answers the exit code. */
export async function main(words: readonly string[]): Promise<number> {
  const asked: Asked[] = []
  const program = createControlCommand((question) => asked.push(question))
  try {
    program.parse(words, { from: 'user' })
    const options: GlobalOptions = program.opts()
    const [first] = asked
    return first === undefined ? controlExitCodes.usage.code : await carryOut(first, options)
  } catch (error) {
    return tell(error)
  }
}

/** The command with all that can be asked, as `tsgunctl --help` shows it. */
export function createControlCommand(onAsked: (asked: Asked) => void): Command {
  const program = new Command('tsgunctl')
    .description(
      'Looks at a running tsgun server and tells it what to do. Without a command it shows the status.',
    )
    .version(readVersion(), '--version')
    .option(
      '--socket <path>',
      `the control socket; by default $${environmentNames.controlSocket}, else that of the config`,
    )
    .option(
      '-c, --config <file>',
      "the server's config file, which names the control socket; found as tsgun finds it",
    )
    .option('--json', 'print the answer as JSON')
    .allowExcessArguments()
    .exitOverride() // also of the commands that are added from now on
    .action((_, command: Command) => askForStatus(command, onAsked))
  for (const name of commands) addCommand(program, name, onAsked)
  return program
}

function askForStatus(command: Command, onAsked: (asked: Asked) => void): void {
  const [word] = command.args
  if (word === undefined)
    return onAsked({ name: 'status', question: { ...routes.status, body: {} }, wait: false })
  const near = didYouMean(word, commands)
  const known = near === undefined ? `there are ${commands.join(', ')}` : `did you mean ${near}?`
  command.error(`error: there is no command ${word}; ${known}`)
}

function addCommand(program: Command, name: CommandName, onAsked: (asked: Asked) => void): void {
  const { method, path, does, body: fields, waits }: Route = routes[name]
  const command = program.command(name).description(does).allowExcessArguments(false)
  const words = Object.entries(fields).filter(([, { kind }]) => kind !== 'flag')
  for (const [field, { required, doc }] of words)
    command.argument(required ? `<${field}>` : `[${field}]`, doc)
  for (const [field, { kind, doc }] of Object.entries(fields))
    if (kind === 'flag') command.option(`--${field}`, doc)
  if (waits !== null) command.option('--wait', `wait ${waits}, and show what happens`)
  command.action(() => {
    const { wait = false, ...flags }: Readonly<Record<string, unknown>> = command.opts()
    const given = words.flatMap(([field, { kind }], index) => {
      const word = command.args[index]
      return word === undefined
        ? []
        : [[field, kind === 'number' && /^-?\d+$/.test(word) ? Number(word) : word] as const]
    })
    const question = {
      method,
      path: wait === true ? `${path}?wait=1` : path,
      body: { ...Object.fromEntries(given), ...flags },
    }
    onAsked({ name, question, wait: wait === true })
  })
}

async function carryOut(
  { name, question, wait }: Asked,
  { socket, config, json = false }: GlobalOptions,
): Promise<number> {
  const path = await findSocket({ socket, config, environment: process.env, directory: process.cwd() })
  const print = printer({ name, json, out: process.stdout, err: process.stderr, environment: process.env })
  const reply = await ask(path, question)
  return wait && reply.status === 200 ? print.progress(reply) : print.answer(reply)
}

function tell(error: unknown): number {
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? controlExitCodes.done.code : controlExitCodes.usage.code
  if (error instanceof NoSocket || error instanceof Unreachable) {
    process.stderr.write(`tsgunctl: ${error.message}\n`)
    return error instanceof NoSocket ? controlExitCodes.usage.code : controlExitCodes.unreachable.code
  }
  process.stderr.write(`tsgunctl met an error of its own; please report it:\n${describeError(error).stack}\n`)
  return controlExitCodes.failed.code
}
