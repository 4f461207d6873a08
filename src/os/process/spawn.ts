// The only file that starts worker processes and signals them.

import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { Readable } from 'node:stream'

export interface SpawnOptions {
  readonly entry: string
  readonly environment: NodeJS.ProcessEnv
  /** Its working directory. */
  readonly directory: string
  /** Descriptors that the process inherits, from number 6 on. */
  readonly inherit: readonly number[]
  /** Where its output goes: to this process by pipes, to this process's own, or nowhere. */
  readonly output: 'pipe' | 'inherit' | 'ignore'
}

export interface SpawnHandlers {
  onMessage(message: unknown): void
  /** The channel is closed, and the process lives on. */
  onChannelClosed?(): void
  /** The process is gone, or (with the error) never came to be. Called once. */
  onEnd(code: number | null, signal: NodeJS.Signals | null, error?: Error): void
}

export interface SpawnedProcess {
  /** Undefined when it could not be started; `onEnd` tells why. */
  readonly pid: number | undefined
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  readonly log: Readable | null
  readonly report: Readable | null
  send(message: object): void
  kill(signal: NodeJS.Signals): void
}

/** The stdio order is that of `workerDescriptors` in ipc/environment.ts. */
export function spawnProcess(options: SpawnOptions, handlers: SpawnHandlers): SpawnedProcess {
  const { entry, environment, directory, inherit, output } = options
  let child: ChildProcess
  try {
    child = spawn(process.execPath, [...process.execArgv, entry], {
      env: environment,
      cwd: directory,
      stdio: ['ignore', output, output, 'ipc', 'pipe', 'pipe', ...inherit],
    })
  } catch (error) {
    queueMicrotask(() =>
      handlers.onEnd(null, null, error instanceof Error ? error : new Error(String(error))),
    )
    return neverStarted
  }
  listen(child, directory, handlers)
  // its `error` event follows; without descriptors (EMFILE) it has no streams at all
  if (child.pid === undefined) return neverStarted
  const pipes: readonly unknown[] = child.stdio
  return {
    pid: child.pid,
    stdout: child.stdout,
    stderr: child.stderr,
    log: readable(pipes[4]),
    report: readable(pipes[5]),
    send: (message) => void (child.connected && child.send(message, ignoreSendError)),
    kill: (signal) => void child.kill(signal),
  }
}

const neverStarted: SpawnedProcess = {
  pid: undefined,
  stdout: null,
  stderr: null,
  log: null,
  report: null,
  send: () => undefined,
  kill: () => undefined,
}

function readable(pipe: unknown): Readable | null {
  return pipe instanceof Readable ? pipe : null
}

/**
 * Milliseconds that the end of a process waits for the end of its channel, which a child of its own may hold
 * open.
 */
const channelPatience = 1000

function listen(child: ChildProcess, directory: string, handlers: SpawnHandlers): void {
  let ended = false
  const end = (code: number | null, signal: NodeJS.Signals | null, error?: Error): void => {
    if (ended) return
    ended = true
    handlers.onEnd(code, signal, error)
  }
  child.on('message', (message) => handlers.onMessage(message))
  child.once('disconnect', () => {
    const alone = setTimeout(
      () => child.exitCode ?? child.signalCode ?? handlers.onChannelClosed?.(),
      channelPatience,
    ).unref()
    child.once('exit', () => clearTimeout(alone))
  })
  child.on('exit', (code, signal) => {
    // Its last words may still be in the channel: why it could not boot, say.
    if (!child.connected) return end(code, signal)
    child.once('disconnect', () => end(code, signal))
    setTimeout(() => end(code, signal), channelPatience).unref()
  })
  child.on('error', (error) => {
    if (child.pid === undefined)
      end(null, null, existsSync(directory) ? error : goneDirectory(directory, error))
  })
}

/** Node names the program that was to be run there. */
function goneDirectory(directory: string, error: Error): Error {
  return new Error(`its working directory ${directory} is gone`, { cause: error })
}

/** The receiver has gone meanwhile: its exit is told on its own. */
function ignoreSendError(): void {}

/** Whether a process with this id exists. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
