// Runs in a test of the user, by tsgun/contract: starts a server as a user would, in a process group of its
// own.

import { spawn } from 'node:child_process'
import { hasCode } from '../error-code.ts'

export interface ServerStart {
  /** The Node.js that it runs on. */
  readonly node: string
  /** The script, and its arguments. */
  readonly words: readonly string[]
  readonly directory: string
  readonly environment: NodeJS.ProcessEnv
}

export interface ServerHandlers {
  /** `stream`: a standard output, or what it writes to descriptor 3. */
  onText(stream: 'stdout' | 'stderr' | 'ready', text: string): void
  onEnd(code: number | null, signal: NodeJS.Signals | null): void
}

export interface SpawnedServer {
  signal(name: NodeJS.Signals): void
  /** Ends all that is left of it. */
  endAll(): void
}

/** Throws when it cannot be started. */
export function spawnServer(start: ServerStart, { onText, onEnd }: ServerHandlers): SpawnedServer {
  const child = spawn(start.node, start.words, {
    cwd: start.directory,
    env: start.environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${start.node} cannot be started`)
  child.stdout?.setEncoding('utf8').on('data', (text: string) => onText('stdout', text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => onText('stderr', text))
  child.stdio[3]?.on('data', (bytes: Buffer) => onText('ready', bytes.toString()))
  child.once('close', onEnd)
  return { signal: (name) => void child.kill(name), endAll: () => endProcess(-pid) }
}

/** SIGKILL to a process, or with a negative number to a group, if there is one. */
export function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error
  }
}
