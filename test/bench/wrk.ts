// Puts load on a server with wrk, on the first core: a server that needs its own core runs on the second.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Server } from './servers.ts'

const run = promisify(execFile)

export const connections = 64

export interface WrkOptions {
  readonly seconds: number
  /** A Lua file that creates the requests; without it all are the same. */
  readonly script?: string
}

export interface Load {
  readonly requests: number
  readonly perSecond: number
  /** Milliseconds within which 99 of 100 requests have their response. */
  readonly percentile99: number
}

export async function wrk({ url }: Server, { seconds, script }: WrkOptions): Promise<Load> {
  const scripted = script === undefined ? [] : ['-s', script]
  const words = [
    '-c',
    '0',
    'wrk',
    '--latency',
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    ...scripted,
    `${url}/`,
  ]
  const { stdout } = await run('taskset', words)
  const failures = /Non-2xx|Socket errors/.exec(stdout)
  if (failures) throw new Error(`wrk met failures:\n${stdout}`)
  return {
    requests: numberIn(stdout, /(\d+) requests in/),
    perSecond: numberIn(stdout, /Requests\/sec:\s+([\d.]+)/),
    percentile99: millisecondsIn(stdout, /99%\s+([\d.]+)(us|ms|s)/),
  }
}

const milliseconds: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 }

function millisecondsIn(text: string, pattern: RegExp): number {
  return numberIn(text, pattern) * (milliseconds[pattern.exec(text)?.[2] ?? ''] ?? Number.NaN)
}

/** Returns the first group of the pattern. */
export function numberIn(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1]
  if (found === undefined) throw new Error(`no ${pattern} in:\n${text}`)
  return Number(found)
}
