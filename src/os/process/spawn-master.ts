// Runs in the master: starts the next one beside it, for an upgrade, and watches over the end of the other,
// from either side.

import { execFile, spawn } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { accessSync, constants, statSync } from 'node:fs'
import { Socket } from 'node:net'
import { delimiter, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Fostered } from './foster.ts'

/**
 * The descriptors of a new master besides the standard ones: its one line of JSON, the life of the old one,
 * and then the sockets.
 */
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
  /** Whoever has started this process, systemd say, is to be its parent. */
  readonly fostered: boolean
}

/** Answers the process id. Rejects when there is no process. */
export function spawnMaster(
  command: MasterCommand,
  place: MasterPlace,
  handlers: MasterHandlers,
): Promise<number> {
  return place.fostered ? spawnFostered(command, place, handlers) : spawnChild(command, place, handlers)
}

function spawnChild(command: MasterCommand, place: MasterPlace, handlers: MasterHandlers): Promise<number> {
  const child = spawn(place.executable, command.words, {
    argv0: command.program, // so that the next upgrade looks it up as this one did
    cwd: command.directory,
    env: command.environment,
    stdio: descriptorsOf(place),
    detached: place.detached,
  })
  const [, , , tell] = child.stdio
  readLine(tell, (line) => handlers.onLine(line))
  child.unref()
  return new Promise((fulfil, reject) => {
    child.on('error', reject) // after the start it changes nothing
    if (child.pid === undefined) return
    child.once('exit', (code, signal) => {
      afterLastWords(child, () => handlers.onEnd(code, signal))
    })
    fulfil(child.pid)
  })
}

const fosterEntry = fileURLToPath(new URL('./foster.js', import.meta.url))

/**
 * By a process in between. How such a master ends nobody but its new parent learns, only that it has: a pipe
 * to it is closed.
 */
function spawnFostered(
  command: MasterCommand,
  place: MasterPlace,
  handlers: MasterHandlers,
): Promise<number> {
  const stdio = descriptorsOf(place)
  const { executable, detached } = place
  const { program, words, directory, environment } = command
  const wish: Fostered = { executable, program, words, descriptors: stdio.length, detached }
  const child = spawn(process.execPath, [fosterEntry, JSON.stringify(wish)], {
    cwd: directory,
    env: environment,
    stdio: [...stdio, 'pipe'],
  })
  const pipes: readonly unknown[] = child.stdio
  const [tell, life, answer] = [
    pipes[masterDescriptors.tell],
    pipes[masterDescriptors.life],
    pipes[stdio.length],
  ]
  readLine(tell, (line) => handlers.onLine(line))
  child.unref()
  return new Promise((fulfil, reject) => {
    child.on('error', reject)
    child.once('close', () =>
      reject(new Error('the process that starts the new master has ended without it')),
    )
    readLine(answer, (line) => {
      const word: unknown = JSON.parse(line) // of our own process
      if (!isObject(word) || typeof word['pid'] !== 'number')
        return reject(new Error(`it cannot be started: ${line}`))
      fulfil(word['pid'])
      if (life instanceof Socket)
        life.resume().once('close', () => afterLastWords(tell, () => handlers.onEnd(null, null)))
    })
  })
}

function descriptorsOf({ sockets }: MasterPlace): ('inherit' | 'pipe' | number)[] {
  return ['inherit', 'inherit', 'inherit', 'pipe', 'pipe', ...sockets]
}

/** When what it still says was read, or the pipes are held open by a process that it left behind. */
function afterLastWords(pipe: unknown, then: () => void): void {
  let told = false
  const tell = (): void => {
    if (!told) then()
    told = true
  }
  if (pipe instanceof EventEmitter && !(pipe instanceof Readable && pipe.closed)) pipe.once('close', tell)
  setTimeout(tell, lastWords).unref()
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/**
 * Milliseconds that the end of a master waits for the end of its pipes, which a process that it left behind
 * may hold open.
 */
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
  if (program.includes('/'))
    return isExecutable(resolve(directory, program)) ? resolve(directory, program) : undefined
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

/**
 * What `--version` answers, such as v22.1.0. Rejects with the reason when the program cannot be run, or is no
 * Node.js.
 */
export async function nodeVersion(executable: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await promisify(execFile)(executable, ['--version'], {
    env: environment,
    timeout: versionPatience,
  })
  const version = /^v\d+\.\d+\.\d+\S*/.exec(stdout)?.[0]
  if (version === undefined)
    throw new Error(`it is no Node.js: --version answers ${JSON.stringify(stdout.slice(0, 60))}`)
  return version
}
