// Runs in the command: starts this program again as the leader of a session of its own. All that it keeps of
// the terminal is a standard error until it is ready.

import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { within } from '../system/within.ts'

export interface DetachedResult {
  readonly pid: number
  /** The line that the program wrote to descriptor 3; undefined when it exited without one. */
  readonly ready: string | undefined
  readonly code: number | null
}

export interface DetachedOptions {
  readonly environment: NodeJS.ProcessEnv
  /** The directory that this program was started in: paths of its command line are relative to it. */
  readonly directory: string
}

/** Milliseconds to read the rest of standard error, which the program closes before it reports ready. */
const stderrTimeout = 500

/**
 * Starts the same command line. Resolves when the program is ready or has exited; until then its standard
 * error is copied to this process's. Rejects when it cannot be started.
 */
export function spawnDetached({ environment, directory }: DetachedOptions): Promise<DetachedResult> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    cwd: directory,
    detached: true,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  const { stderr } = child
  // 'pipe' makes this one a stream to read
  const [, , , ready] = child.stdio as unknown as readonly Readable[]
  stderr?.on('data', (chunk: Buffer) => process.stderr.write(chunk))
  return new Promise((resolve, reject) => {
    let line = ''
    ready?.on('data', (chunk: Buffer) => {
      line += chunk.toString()
      if (line.includes('\n')) void afterEnd(stderr).then(() => finish(null))
    })
    child.once('error', reject)
    child.once('close', (code) => finish(code))
    function finish(code: number | null): void {
      stderr?.destroy()
      ready?.destroy()
      child.unref()
      resolve({ pid: child.pid ?? 0, ready: line.includes('\n') ? line : undefined, code })
    }
  })
}

function afterEnd(stream: Readable | null): Promise<unknown> {
  const end = new Promise<void>((resolve) => {
    if (stream?.readableEnded === true) resolve()
    else stream?.once('end', resolve)
  })
  return within(end, stderrTimeout, { unref: true })
}
