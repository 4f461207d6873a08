// Runs in the arbiter: starts a second arbiter for an upgrade, and detects the exit of the other one, from
// either side.

import { spawn } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { isObject } from '../type-checks.ts'
import { within } from '../system/within.ts'
import type { IntermediateTask } from './spawn-intermediate.ts'

/**
 * The descriptors of a new arbiter besides the standard ones. `ready`: it writes one line of JSON. `life`:
 * closed by the kernel when the old arbiter exits. Then the listening sockets.
 */
export const arbiterDescriptors = { ready: 3, life: 4, firstSocket: 5 } as const

export interface ArbiterCommandLine {
  /** As it was called: a name to look up in PATH, or a path. */
  readonly program: string
  /** The arguments of Node.js, the script, and its arguments. */
  readonly words: readonly string[]
  /** The one of the words that is the script of tsgun. */
  readonly script: string
  readonly directory: string
  readonly environment: NodeJS.ProcessEnv
}

export interface ArbiterHandlers {
  onLine(line: string): void
  /** Both are null for a process that was started through an intermediate one: only its exit is known. */
  onEnd(code: number | null, signal: NodeJS.Signals | null): void
}

export interface ArbiterSpawnOptions {
  readonly executable: string
  readonly sockets: readonly number[]
  /** Whether it leads a session of its own, as a daemon does. */
  readonly detached: boolean
  /** The script that starts it, so that it becomes a child of systemd; undefined: this process starts it. */
  readonly intermediate: string | undefined
}

/** Resolves with the process id. Rejects when the process cannot be started. */
export function spawnArbiter(
  command: ArbiterCommandLine,
  options: ArbiterSpawnOptions,
  handlers: ArbiterHandlers,
): Promise<number> {
  return options.intermediate === undefined
    ? spawnChild(command, options, handlers)
    : spawnViaIntermediate(options.intermediate, { command, options, handlers })
}

function spawnChild(
  command: ArbiterCommandLine,
  options: ArbiterSpawnOptions,
  handlers: ArbiterHandlers,
): Promise<number> {
  const child = spawn(options.executable, command.words, {
    argv0: command.program, // so that the next upgrade looks it up in the same way
    cwd: command.directory,
    env: command.environment,
    stdio: descriptorsOf(options),
    detached: options.detached,
  })
  const [, , , ready] = child.stdio
  readLine(ready, (line) => handlers.onLine(line))
  child.unref()
  return new Promise((resolve, reject) => {
    child.on('error', reject) // after the start it has no effect
    if (child.pid === undefined) return
    child.once('exit', (code, signal) => afterClose(child, () => handlers.onEnd(code, signal)))
    resolve(child.pid)
  })
}

interface ArbiterSpawn {
  readonly command: ArbiterCommandLine
  readonly options: ArbiterSpawnOptions
  readonly handlers: ArbiterHandlers
}

/** The exit status of such an arbiter goes to its new parent; this process only sees its pipe close. */
function spawnViaIntermediate(
  intermediate: string,
  { command, options, handlers }: ArbiterSpawn,
): Promise<number> {
  const stdio = descriptorsOf(options)
  const child = spawn(process.execPath, [intermediate, JSON.stringify(taskOf(command, options))], {
    cwd: command.directory,
    env: command.environment,
    stdio: [...stdio, 'pipe'],
  })
  const pipes: readonly unknown[] = child.stdio
  const ready = pipes[arbiterDescriptors.ready]
  const life = pipes[arbiterDescriptors.life]
  readLine(ready, (line) => handlers.onLine(line))
  child.unref()
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.once('close', () =>
      reject(new Error('the intermediate process exited before it started the new master')),
    )
    readLine(pipes[stdio.length], (line) => {
      const result: unknown = JSON.parse(line) // written by spawn-intermediate.ts
      if (!isObject(result) || typeof result['pid'] !== 'number')
        return reject(new Error(`it cannot be started: ${line}`))
      resolve(result['pid'])
      if (life instanceof Socket)
        life.resume().once('close', () => afterClose(ready, () => handlers.onEnd(null, null)))
    })
  })
}

function taskOf({ program, words }: ArbiterCommandLine, options: ArbiterSpawnOptions): IntermediateTask {
  const { executable, detached } = options
  return { executable, program, words, descriptors: descriptorsOf(options).length, detached }
}

function descriptorsOf({ sockets }: ArbiterSpawnOptions): ('inherit' | 'pipe' | number)[] {
  return ['inherit', 'inherit', 'inherit', 'pipe', 'pipe', ...sockets]
}

/** Milliseconds from the exit of an arbiter to the end of its pipes, which a child of it may hold open. */
const closeTimeout = 500

/** Calls back when the pipes of an arbiter that has exited are closed, so that its output has been read. */
function afterClose(pipes: unknown, callback: () => void): void {
  const closed = new Promise((resolve) => {
    if (pipes instanceof EventEmitter) pipes.once('close', resolve)
  })
  void within(closed, closeTimeout, { unref: true }).then(callback)
}

/** tsgun writes no longer line; the rest of one is ignored. */
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
  pipe.on('error', () => undefined) // the exit of the process is reported on its own
}

/** Calls `onExit` once, when the process at the other end of this pipe has exited, however it ended. */
export function watchLife(fd: number, onExit: () => void): void {
  const socket = new Socket({ fd, readable: true, writable: false })
  socket.on('error', () => undefined) // a close follows
  socket.once('close', onExit)
  socket.resume().unref()
}
