// The command `tsgun`: from its arguments to a server, a check or a printed config. Every way it can end has
// an exit code of ipc/exit-codes.ts, and a user's mistake is reported in plain lines, without a stack.

import './home.ts'
import { CommanderError } from 'commander'
import type { BuiltProgram } from '../config/sources/built-program.ts'
import { ConfigError } from '../config/problems/problem.ts'
import { createCommand, parseArguments } from '../config/sources/flags.ts'
import { exitCodes } from '../ipc/exit-codes.ts'
import { BindError } from '../listen/bind-error.ts'
import { describeError } from '../logging/records/describe-error.ts'
import { launch, type LaunchOptions } from '../server/launch.ts'
import { readyDescriptor } from '../server/ready-descriptor.ts'
import { StartError } from '../server/start-error.ts'
import { takeStartup } from '../server/startup.ts'
import { SuccessorMessage } from '../server/successor-message.ts'
import { shortageOf } from '../os/limits/shortage.ts'
import { rootCause } from '../os/root-cause.ts'
import type { EarlyProcess } from '../os/process/early-process.ts'
import type { SignalGate } from '../os/program/signal-gate.ts'
import { isLostDirectory, lostDirectory } from '../os/process/removed-directory.ts'
import { ownVersion } from '../ipc/home.ts'
import { control, isControl } from './control-words.ts'
import { subcommandHelp, subcommandOf } from './subcommands.ts'

/** What is there before the command line is read. */
export interface Beginning {
  /** The process of the first worker. */
  readonly early: EarlyProcess | undefined
  /** The signals of this process, if it has handlers already. */
  readonly gate: SignalGate | undefined
  /** For a program that `tsgun build` has made. */
  readonly built?: BuiltProgram
}

/** Resolves with the exit code. */
export async function main(words: readonly string[], { early, gate, built }: Beginning): Promise<number> {
  let successor: SuccessorMessage | undefined
  try {
    const version = ownVersion()
    const subcommand = built ? undefined : subcommandOf(words[0])
    if (subcommand !== undefined) return await subcommand.run(words.slice(1))
    if (!built && isControl(words)) return await control(words)
    const startup = takeStartup(process)
    successor = new SuccessorMessage(startup.predecessor)
    const command = createCommand().version(version, '-v, --version', 'Show the version')
    if (!built) command.addHelpText('after', () => `\n${subcommandHelp()}`)
    const args = parseArguments(plainWords(words), 'command line', command)
    const input = {
      arguments: args,
      environment: process.env,
      execArgv: process.execArgv,
      directory: startup.command.directory,
      built,
    }
    // Before the config is loaded, which may open files under the same number.
    const readyFd = readyDescriptor(process.env)
    const print: LaunchOptions['print'] = async ({ first }) => {
      // What most starts do not need is loaded late.
      const { printConfig } = await import('./print-config.ts')
      return printConfig(first.config, args.json)
    }
    return await launch(input, { version, startup, successor, readyFd, early, gate, print })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode // --help and --version
    const { code, text } = mistakeOf(error)
    process.stderr.write(`${text}\n`)
    successor?.failed(text)
    return code
  } finally {
    await early?.discard()
  }
}

/** Words that other commands have beside the flag. */
function plainWords(words: readonly string[]): readonly string[] {
  const flag = words.length === 1 ? { help: '--help', version: '--version' }[words[0] ?? ''] : undefined
  return flag === undefined ? words : [flag]
}

interface Mistake {
  readonly code: number
  readonly text: string
}

function mistakeOf(error: unknown): Mistake {
  if (error instanceof ConfigError || error instanceof StartError)
    return { code: error.exitCode, text: error.message }
  const code = exitCodes.refused.code
  if (error instanceof BindError) return { code, text: error.message }
  if (isLostDirectory(error)) return { code, text: lostDirectory }
  const root = rootCause(error)
  const shortage = root instanceof Error ? shortageOf(root, 'spawn') : undefined
  if (shortage !== undefined) return { code, text: `the start failed: ${shortage}` }
  const text = `tsgun met an error of its own; please report it:\n${describeError(error).stack}`
  return { code: exitCodes.internal.code, text }
}
