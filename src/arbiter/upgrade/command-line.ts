// Runs in the arbiter: how it was started, so that an upgrade can start it again: the same words, directory
// and environment, with the present meaning of names and symlinks.

import { existsSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describeError } from '../../logging/records/describe-error.ts'
import { programIn } from '../../ipc/home.ts'
import { ownPackage } from '../../os/own-code.ts'
import { environmentNames } from '../../ipc/environment.ts'
import { activationVariables } from '../../listen/activation.ts'
import { startDirectory } from '../../os/process/start-directory.ts'
import { findProgram, nodeVersion } from '../../os/process/find-program.ts'
import type { ArbiterCommandLine } from '../../os/process/spawn-arbiter.ts'

/** Variables that are meant for one process. */
const ownVariables: readonly string[] = [
  environmentNames.readyFd,
  environmentNames.upgrade,
  ...activationVariables,
]

export interface ProcessFacts {
  readonly argv0: string
  readonly argv: readonly string[]
  readonly execArgv: readonly string[]
  readonly env: NodeJS.ProcessEnv
  cwd(): string
}

/**
 * Of a process that has just started. Paths stay as they were written, as far as $PWD shows them: a symlink
 * may mean something else later.
 */
export function commandOf({ argv0, argv, execArgv, env, cwd }: ProcessFacts): ArbiterCommandLine {
  const physical = cwd()
  const directory = startDirectory(env['PWD'], physical)
  const [, script = '', ...words] = argv
  const isBelow = script.startsWith(`${physical}/`)
  // Node has resolved it by the physical directory
  const written = isBelow ? join(directory, script.slice(physical.length)) : script
  const environment = Object.fromEntries(Object.entries(env).filter(([name]) => !ownVariables.includes(name)))
  return {
    program: argv0,
    words: [...execArgv, written, ...words],
    script: written,
    directory,
    environment,
  }
}

export interface NextArbiter {
  readonly command: ArbiterCommandLine
  readonly executable: string
}

/** What the next arbiter gets where that of the start no longer exists. */
export interface PresentRelease {
  /** The package of tsgun. */
  readonly home: string
  readonly directory: string
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

/** The oldest Node.js that runs tsgun. */
const oldest = [20, 19] as const

/**
 * Finds the program as it is now. `upgradeExec`: another program than that of the start. Rejects with the
 * reason why it cannot run.
 */
export async function nextArbiter(
  command: ArbiterCommandLine,
  upgradeExec: string | null,
  present: PresentRelease,
): Promise<NextArbiter> {
  const { environment } = command
  const directory = [command.directory, present.directory].find(isDirectory)
  if (directory === undefined)
    throw new Error(`the directory that this master was started in no longer exists: ${command.directory}`)
  const program = upgradeExec ?? command.program
  const found = findProgram(program, directory, environment['PATH'] ?? '')
  const executable = found ?? (upgradeExec === null && !program.includes('/') ? process.execPath : undefined)
  if (executable === undefined)
    throw new Error(
      'there is no program ' +
        `${program}${upgradeExec === null ? '; set upgrade_exec to the present Node.js' : ' (upgrade_exec)'}`,
    )
  await checkVersion(executable, environment)
  const script = scriptOf(command.script, present.home)
  const words = command.words.map((word) => (word === command.script ? script : word))
  return {
    command: { ...command, words, script, directory, program: found === undefined ? executable : program },
    executable,
  }
}

/**
 * The script as it was named, if that leads to the tsgun of the present release, or to another one than that
 * of this process: a link was switched. Otherwise the release of the start is the old one, or was removed.
 */
function scriptOf(named: string, home: string): string {
  const present = programIn(home, 'tsgun')
  const target = existsSync(named) ? realpathSync(named) : undefined
  return target === undefined || (target === programIn(ownPackage, 'tsgun') && home !== ownPackage)
    ? present
    : named
}

async function checkVersion(executable: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const version = await nodeVersion(executable, environment).catch((error: unknown) => {
    throw new Error(`${executable} cannot be used: ${describeError(error).message.trim()}`, { cause: error })
  })
  const [major = 0, minor = 0] = version.slice(1).split('.').map(Number)
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return
  throw new Error(`${executable} is Node.js ${version}; tsgun needs ${oldest.join('.')} or later`)
}
