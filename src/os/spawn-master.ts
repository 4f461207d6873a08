// Runs in the master: starts the next one beside it, for an upgrade, and watches over the end of the other, from either side.

import { execFile, spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { Socket } from 'node:net'
import { delimiter, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'

/** The descriptors of a new master besides the standard ones: its one line of JSON, the life of the old one, and then the sockets. */
export const masterDescriptors = { tell: 3, life: 4, firstSocket: 5 } as const

export interface MasterCommand {
  /** As it was called: a name to look up in PATH, or a path. */
  readonly program: string
  readonly words: readonly string[]
  readonly directory: string
  readonly environment: NodeJS.ProcessEnv
}

export interface MasterHandlers {
  onLine(line: string): void
  onEnd(code: number | null, signal: NodeJS.Signals | null): void
}

export interface MasterPlace {
  readonly executable: string
  readonly sockets: readonly number[]
  /** A daemon leads a session of its own. */
  readonly detached: boolean
}

/** Answers the process id. Rejects when there is no process. */
export function spawnMaster(
  command: MasterCommand,
  { executable, sockets, detached }: MasterPlace,
  handlers: MasterHandlers,
): Promise<number> {
  const child = spawn(executable, command.words, {
    argv0: command.program, // so that the next upgrade looks it up as this one did
    cwd: command.directory,
    env: command.environment,
    stdio: ['inherit', 'inherit', 'inherit', 'pipe', 'pipe', ...sockets],
    detached,
  })
  const pipes: readonly unknown[] = child.stdio
  readLine(pipes[masterDescriptors.tell], (line) => handlers.onLine(line))
  child.unref()
  return new Promise((fulfil, reject) => {
    child.on('error', reject) // after the start it changes nothing
    if (child.pid === undefined) return
    child.once('exit', (code, signal) => {
      let told = false
      const tell = (): void => {
        if (!told) handlers.onEnd(code, signal)
        told = true
      }
      child.once('close', tell) // its last line is read
      setTimeout(tell, lastWords).unref()
    })
    fulfil(child.pid)
  })
}

/** Milliseconds that the end of a master waits for the end of its pipes, which a process that it left behind may hold open. */
const lastWords = 500

/** A line that is longer is none of tsgun's. */
const longestLine = 65_536

function readLine(pipe: unknown, onLine: (line: string) => void): void {
  if (!(pipe instanceof Readable)) return
  let text = ''
  pipe.setEncoding('utf8')
  pipe.on('data', (chunk: string) => {
    if (text.length < longestLine) text += chunk
    if (!text.includes('\n')) return
    pipe.destroy()
    onLine(text.slice(0, text.indexOf('\n')))
  })
  pipe.on('error', () => undefined) // its end is told by the exit
}

/** Calls once when the process at the other end of this pipe is gone, however it ended. */
export function watchLife(fd: number, onGone: () => void): void {
  const socket = new Socket({ fd, readable: true, writable: false })
  socket.on('error', () => undefined) // a close follows
  socket.once('close', onGone)
  socket.resume().unref()
}

/** The file that a name means: looked up in PATH if it has no slash. Undefined when there is none. */
export function findProgram(program: string, directory: string, path: string): string | undefined {
  if (program.includes('/')) return isExecutable(resolve(directory, program)) ? resolve(directory, program) : undefined
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(resolve(directory, folder), program))
    .find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false // ENOENT or EACCES: that is the answer
  }
}

/** Milliseconds for `node --version`. */
const versionPatience = 10_000

/** What `--version` answers, such as v22.1.0. Rejects with the reason when the program cannot be run, or is no Node.js. */
export async function nodeVersion(executable: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await promisify(execFile)(executable, ['--version'], { env: environment, timeout: versionPatience })
  const version = /^v\d+\.\d+\.\d+\S*/.exec(stdout)?.[0]
  if (version === undefined) throw new Error(`it is no Node.js: --version answers ${JSON.stringify(stdout.slice(0, 60))}`)
  return version
}
