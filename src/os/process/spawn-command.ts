// Runs in the arbiter: starts a program that is not tsgun's, as the leader of a session and a process group
// of its own, and ends that group as a whole.

import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { hasCode } from '../error-code.ts'
import { messageOf } from '../error-message.ts'
import { within } from '../system/within.ts'

export interface CommandOptions {
  /** The program, which is looked up in PATH, then its arguments. */
  readonly words: readonly string[]
  readonly directory: string
  readonly environment: NodeJS.ProcessEnv
  readonly uid: number | undefined
  readonly gid: number | undefined
  readonly output: 'pipe' | 'inherit' | 'ignore'
}

export interface CommandHandlers {
  /** The process has exited, or (with `error`) could not be started. Called once. */
  onEnd(code: number | null, signal: NodeJS.Signals | null, error?: Error): void
  /** It runs, but nothing ends it when this process is killed. */
  onUnguarded(reason: string): void
}

export interface SpawnedCommand {
  /** Undefined when it could not be started; `onEnd` gets the reason. */
  readonly pid: number | undefined
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  /** Sends a signal to every process of the group. */
  signal(signal: NodeJS.Signals): void
}

/** Milliseconds that the end waits for the guard, which has nothing to do any more. */
const guardPatience = 1000

export function spawnCommand(
  { words, directory, environment, uid, gid, output }: CommandOptions,
  { onEnd, onUnguarded }: CommandHandlers,
): SpawnedCommand {
  const [program = '', ...parameters] = words
  const child = spawn(program, parameters, {
    cwd: directory,
    env: environment,
    stdio: ['ignore', output, output],
    detached: true,
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  })
  const { pid } = child
  if (pid === undefined) {
    child.once('error', (error) => onEnd(null, null, explain(error, { program, directory })))
    return { pid, stdout: null, stderr: null, signal: () => undefined }
  }
  child.on('error', () => undefined) // a signal that cannot be sent: its end follows
  const guard = startGuard(pid, onUnguarded)
  child.once('exit', (code, signal) => {
    signalGroup(pid, 'SIGKILL') // what it has started and left behind
    void endOf(guard).then(() => onEnd(code, signal))
  })
  return {
    pid,
    stdout: child.stdout,
    stderr: child.stderr,
    signal: (name) => signalGroup(pid, name),
  }
}

/**
 * A shell that waits until its standard input, which only this process has, is closed, and then kills the
 * group. So no program is left behind when this process is killed. It uses about a megabyte.
 */
function startGuard(group: number, onUnguarded: CommandHandlers['onUnguarded']): ChildProcess | undefined {
  try {
    const guard = spawnGuard(group)
    guard.on('error', (error) => onUnguarded(messageOf(error))) // for example, there is no /bin/sh
    return guard
  } catch (error) {
    onUnguarded(messageOf(error))
    return undefined
  }
}

function spawnGuard(group: number): ChildProcess {
  const guard = spawn('/bin/sh', ['-c', 'read -r line; kill -s KILL -- "-$0"', String(group)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  guard.stdin?.on('error', () => undefined) // it was killed from outside
  guard.unref()
  return guard
}

/** Its group may have another meaning from now on: the guard ends before anything else happens. */
async function endOf(guard: ChildProcess | undefined): Promise<void> {
  if (guard?.pid === undefined || guard.exitCode !== null || guard.signalCode !== null) return
  const exit = new Promise((resolve) => guard.once('exit', resolve))
  guard.kill('SIGKILL')
  await within(exit, guardPatience, { unref: true })
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal)
  } catch (error) {
    // No process of it is left; on macOS EPERM: only zombies.
    if (!hasCode(error, 'ESRCH', 'EPERM')) throw error
  }
}

interface Place {
  readonly program: string
  readonly directory: string
}

function explain(error: Error, { program, directory }: Place): Error {
  if (!existsSync(directory))
    return new Error(`its working directory ${directory} no longer exists`, { cause: error })
  if (hasCode(error, 'ENOENT'))
    return new Error(`there is no program "${program}" (in PATH, or at that path)`, { cause: error })
  if (hasCode(error, 'EACCES'))
    return new Error(`the program "${program}" cannot be run by this user`, { cause: error })
  return error
}
