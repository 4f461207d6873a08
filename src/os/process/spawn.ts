// Runs in the arbiter. The only file that starts worker processes and sends them signals.

import { spawn, type ChildProcess, type SendHandle } from 'node:child_process'
import { closeSync, existsSync } from 'node:fs'
import { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { hasCode } from '../error-code.ts'
import { openRaw } from '../system/handles.ts'
import { within } from '../system/within.ts'
import { callWith } from './own-program.ts'

export interface SpawnOptions {
  readonly entry: string
  readonly environment: NodeJS.ProcessEnv
  readonly nodeFlags: readonly string[]
  /** Its working directory. */
  readonly directory: string
  /** The counters that it shares (shared-counters.ts), as number 6; /dev/null without any. */
  readonly counters?: number | undefined
  /** Descriptors of sockets that the process inherits, after `files`. */
  readonly inherit: readonly number[]
  /** Other descriptors that it inherits, from number 7 on. */
  readonly files?: readonly number[] | undefined
  /** Where its output goes: through pipes to this process, to this process's own output, or to /dev/null. */
  readonly output: 'pipe' | 'inherit' | 'ignore'
}

export interface SpawnHandlers {
  onMessage(message: unknown): void
  /** The channel is closed, but the process is still running. */
  onChannelClosed?(): void
  /** The process has exited, or (with `error`) could not be started. Called once. */
  onEnd(code: number | null, signal: NodeJS.Signals | null, error?: Error): void
}

export interface SpawnedProcess {
  /** Undefined when it could not be started; `onEnd` gets the reason. */
  readonly pid: number | undefined
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  readonly log: Readable | null
  readonly report: Readable | null
  /** As far as this process knows: it has not exited, and its channel is open. */
  readonly isRunning: boolean
  send(message: object): void
  /** Sends a socket with the message. This process's descriptor is closed then. */
  sendSocket(message: object, fd: number): void
  kill(signal: NodeJS.Signals): void
  /** Whether it keeps this process alive. Default: it does. */
  hold(on: boolean): void
}

/** The stdio order is that of `workerDescriptors` in ipc/environment.ts. */
export function spawnProcess(options: SpawnOptions, handlers: SpawnHandlers): SpawnedProcess {
  const {
    entry,
    environment,
    nodeFlags,
    directory,
    counters = 'ignore',
    files = [],
    inherit,
    output,
  } = options
  let child: ChildProcess
  try {
    if (existsSync(directory) && !existsSync(entry)) throw new Error(`its program ${entry} no longer exists`)
    const call = callWith(nodeFlags, [entry], environment)
    child = spawn(process.execPath, call.words, {
      env: call.environment,
      cwd: directory,
      stdio: ['ignore', output, output, 'ipc', 'pipe', 'pipe', counters, ...files, ...inherit],
    })
  } catch (error) {
    queueMicrotask(() =>
      handlers.onEnd(null, null, error instanceof Error ? error : new Error(String(error))),
    )
    return notStarted
  }
  listen(child, directory, handlers)
  // its `error` event follows; without descriptors (EMFILE) it has no streams at all
  if (child.pid === undefined) return notStarted
  const pipes: readonly unknown[] = child.stdio
  return {
    pid: child.pid,
    stdout: child.stdout,
    stderr: child.stderr,
    log: readable(pipes[4]),
    report: readable(pipes[5]),
    get isRunning() {
      return child.connected && child.exitCode === null && child.signalCode === null
    },
    send: (message) => void (child.connected && child.send(message, ignoreSendError)),
    sendSocket: (message, fd) => sendSocket(child, message, fd),
    kill: (signal) => void child.kill(signal),
    hold: (on) => hold(child, on),
  }
}

const notStarted: SpawnedProcess = {
  pid: undefined,
  stdout: null,
  stderr: null,
  log: null,
  report: null,
  isRunning: false,
  send: () => undefined,
  sendSocket: (_, fd) => closeSync(fd),
  kill: () => undefined,
  hold: () => undefined,
}

function hold(child: ChildProcess, on: boolean): void {
  const pipes = child.stdio.filter((pipe) => pipe instanceof Socket)
  for (const handle of [child, child.channel, ...pipes]) {
    if (on) handle?.ref()
    else handle?.unref()
  }
}

function sendSocket(child: ChildProcess, message: object, fd: number): void {
  const handle = openRaw(fd)
  // Parse boundary: Node sends its own handles as they are (lib/internal/child_process.js, `net.Native`).
  const sendable = handle as unknown as SendHandle
  if (child.connected) child.send(message, sendable, () => handle.close())
  else handle.close()
}

function readable(pipe: unknown): Readable | null {
  return pipe instanceof Readable ? pipe : null
}

/** Milliseconds between exit and end of the channel, either one first: a child may hold the channel open. */
const channelTimeout = 1000

function listen(child: ChildProcess, directory: string, handlers: SpawnHandlers): void {
  let ended = false
  const end = (code: number | null, signal: NodeJS.Signals | null, error?: Error): void => {
    if (ended) return
    ended = true
    handlers.onEnd(code, signal, error)
  }
  child.on('message', (message, handle: SendHandle) => {
    if (handle) discard(handle)
    handlers.onMessage(message)
  })
  child.once('disconnect', () => {
    void soonAfter(child, 'exit').then(
      () => child.exitCode ?? child.signalCode ?? handlers.onChannelClosed?.(),
    )
  })
  child.on('exit', (code, signal) => {
    if (!child.connected) return end(code, signal)
    // its last messages may still be in the channel, for example the reason why it failed to boot
    void soonAfter(child, 'disconnect').then(() => end(code, signal))
  })
  child.on('error', (error) => {
    if (child.pid === undefined)
      end(null, null, existsSync(directory) ? error : missingDirectory(directory, error))
  })
}

/** A socket of the app (process.send): this process has no use for it, and would accept on it. */
function discard(handle: NonNullable<SendHandle>): void {
  if (handle instanceof Socket) handle.destroy()
  else handle.close()
}

function soonAfter(child: ChildProcess, event: 'exit' | 'disconnect'): Promise<unknown> {
  return within(new Promise<void>((resolve) => child.once(event, () => resolve())), channelTimeout, {
    unref: true,
  })
}

/** Node's own error names the program that was to run there. */
function missingDirectory(directory: string, error: Error): Error {
  return new Error(`its working directory ${directory} no longer exists`, { cause: error })
}

/** The receiver has exited: that is reported on its own. */
function ignoreSendError(): void {}

/** Whether a process with this id exists. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
}
