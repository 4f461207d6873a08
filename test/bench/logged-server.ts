// One worker of tsgun that writes an access log, by tsgun or by a logger of its app, and the cost of a round
// of load on it.

import { execFile } from 'node:child_process'
import { existsSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { childrenOf } from '../helpers/processes.ts'
import { apps, cpuSeconds, pin, startTsgun, temporaryFile, type Server } from './servers.ts'
import { numberIn, wrk } from './wrk.ts'

const run = promisify(execFile)

const seconds = 2
/** Milliseconds without a new line after which all lines of a round are in the file. */
const quiet = 200
const newline = 10

export interface LoggedServer {
  readonly server: Server
  readonly worker: number
  /** Does not exist when nothing is logged. */
  readonly file: string
}

export interface LoggedServerOptions {
  readonly app: string
  /** The format of tsgun's own access log; without it no access log is written. */
  readonly format?: string
  /** NAME=value for the worker. */
  readonly env?: string
}

export async function startLogged(
  name: string,
  { app, format, env }: LoggedServerOptions,
): Promise<LoggedServer> {
  const file = temporaryFile(`${name}.log`)
  const access = format === undefined ? [] : ['--access-logfile', file, '--access-logformat', format]
  const more = [...access, '--env', `LOG_FILE=${file}`, ...(env === undefined ? [] : ['--env', env])]
  const server = await startTsgun({ app, workers: 1, more })
  const [worker = 0] = childrenOf(server.pid)
  pin(0, [server.pid])
  pin(1, [worker])
  return { server, worker, file }
}

/** Processor time in microseconds per request, which is seconds per million requests. */
export interface Turn {
  readonly perSecond: number
  /** Of the worker, per request. */
  readonly worker: number
  /** Of the master, per request. */
  readonly master: number
  /** Of the master, per line in the file. */
  readonly masterPerLine: number
  /** Of two processes of cat that copy the same lines by a pipe, per line. */
  readonly catPerLine: number
}

export async function accessTurn({ server, worker, file }: LoggedServer): Promise<Turn> {
  const [workerBefore, masterBefore] = [cpuSeconds(worker), cpuSeconds(server.pid)]
  const { requests, perSecond } = await wrk(server, { seconds, script: join(apps, 'requests.lua') })
  await untilQuiet(file)
  const [workerTime, masterTime] = [cpuSeconds(worker) - workerBefore, cpuSeconds(server.pid) - masterBefore]
  const { lines, catTime } = await examine(file)
  // A log at another place would give wrong figures. A logger may also hold back its last lines.
  if (existsSync(file) && lines < 0.99 * requests)
    throw new Error(`${file} has ${lines} lines of ${requests} requests`)
  const per = (time: number, count: number): number => (time / count) * 1e6
  return {
    perSecond,
    worker: per(workerTime, requests),
    master: per(masterTime, requests),
    masterPerLine: per(masterTime, lines),
    catPerLine: per(catTime, lines),
  }
}

async function untilQuiet(file: string): Promise<void> {
  if (!existsSync(file)) return
  for (let size = -1; size !== statSync(file).size; await delay(quiet)) size = statSync(file).size
}

/** Checks the lines of a round, and removes them before the next round. */
async function examine(file: string): Promise<{ lines: number; catTime: number }> {
  if (!existsSync(file)) return { lines: 0, catTime: 0 }
  const lines = countLines(readFileSync(file))
  const catTime = await timeOfCat(file)
  truncateSync(file)
  return { lines, catTime }
}

function countLines(text: Buffer): number {
  let count = 0
  for (let at = text.indexOf(newline); at !== -1; at = text.indexOf(newline, at + 1)) count += 1
  return count
}

/** The minimum cost of lines on their way from one process by a pipe into a file. */
async function timeOfCat(file: string): Promise<number> {
  const copy = temporaryFile('copy.log')
  const script = 'TIMEFORMAT="%3U %3S"; time (cat "$1" | cat > "$2")'
  const { stderr } = await run('taskset', ['-c', '0', 'bash', '-c', script, 'bash', file, copy])
  return numberIn(stderr, /^([\d.]+) /) + numberIn(stderr, / ([\d.]+)$/m)
}
