// Starts this very program again as the leader of a session of its own, with nothing of the terminal but a
// standard error until it is ready.

import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'

export interface DetachedResult {
  readonly pid: number
  /** The line that the program wrote to descriptor 3; undefined when it ended without one. */
  readonly ready: string | undefined
  readonly code: number | null
}

export interface DetachedOptions {
  /** Added to the environment. */
  readonly variables: NodeJS.ProcessEnv
  /** The directory that this program was started in: the words of its command line are relative to it. */
  readonly directory: string
}

/**
 * Milliseconds that the end of a standard error is waited for whose program is ready: it closes it before it
 * says so.
 */
const lastWords = 500

/** The same command line. What it writes to standard error until it is ready is passed on. */
export function spawnDetached({ variables, directory }: DetachedOptions): Promise<DetachedResult> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    cwd: directory,
    detached: true,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  // 'pipe' gives a stream to read at this place
  const [, , , ready] = child.stdio as unknown as readonly Readable[]
  child.stderr?.on('data', (chunk: Buffer) => process.stderr.write(chunk))
  return new Promise((resolve, reject) => {
    let line = ''
    ready?.on('data', (chunk: Buffer) => {
      line += chunk.toString()
      if (!line.includes('\n')) return
      if (child.stderr?.readableEnded === true) return finish(null)
      child.stderr?.once('end', () => finish(null))
      setTimeout(() => finish(null), lastWords).unref()
    })
    child.once('error', reject)
    child.once('close', (code) => finish(code))
    function finish(code: number | null): void {
      child.stderr?.destroy()
      ready?.destroy()
      child.unref()
      resolve({ pid: child.pid ?? 0, ready: line.includes('\n') ? line : undefined, code })
    }
  })
}
