// Starts tsgun and the baselines, pins them to cores, and measures their memory.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { childrenOf } from '../helpers/processes.ts'
import { repository } from '../helpers/tsgun.ts'

export const apps = resolve(import.meta.dirname, 'apps')
const bin = join(repository, 'bin/tsgun.js')

export interface Server {
  readonly pid: number
  readonly url: string
  stop(): Promise<void>
}

export interface TsgunOptions {
  readonly app: string
  readonly workers: number
  readonly port?: number
  readonly more?: readonly string[]
  readonly environment?: NodeJS.ProcessEnv
}

/** tsgun with its logs in files, as in production. */
export function startTsgun({
  app,
  workers,
  port = 0,
  more = [],
  environment = {},
}: TsgunOptions): Promise<Server> {
  const words = [
    '-w',
    String(workers),
    '-b',
    `127.0.0.1:${port}`,
    '--error-logfile',
    temporaryFile('error.log'),
    '--app-logfile',
    temporaryFile('error.log'),
    ...more,
    app,
  ]
  return startAnnouncing(spawnIn(apps, [bin, ...words], { ...environment, TSGUN_READY_FD: '3' }))
}

export function startBaseline(file: string, ...words: readonly string[]): Promise<Server> {
  return startAnnouncing(spawnIn(apps, [join(apps, file), ...words], {}))
}

/** A baseline in TypeScript. */
export function startScript(file: string, ...words: readonly string[]): Promise<Server> {
  return startAnnouncing(spawnIn(apps, ['--import', 'tsx', file, ...words], {}))
}

export function spawnIn(
  directory: string,
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
): ChildProcess {
  const stdio = ['ignore', 'pipe', 'inherit', 'pipe'] as const
  return spawn(process.execPath, words, {
    cwd: directory,
    env: { ...process.env, ...environment },
    stdio: [...stdio],
  })
}

/** Waits for the line of JSON that each server prints when it serves. */
async function startAnnouncing(child: ChildProcess): Promise<Server> {
  const { listeners } = await new Promise<{ listeners: string[] }>((fulfil, reject) => {
    const said = { 1: '', 3: '' }
    for (const fd of [1, 3] as const) {
      const stream = child.stdio[fd] as Readable // 'pipe' in spawnIn
      stream.on('data', (chunk: Buffer) => {
        said[fd] += chunk.toString()
        if (said[fd].includes('\n'))
          // parses the server's own report
          fulfil(JSON.parse(said[fd].split('\n')[0] ?? '') as { listeners: string[] })
      })
    }
    child.once('exit', (code) => reject(new Error(`the server ended with ${code} instead of serving`)))
  })
  return { pid: child.pid ?? 0, url: listeners[0] ?? '', stop: () => stopProcess(child) }
}

export async function stopProcess(child: ChildProcess): Promise<void> {
  const below = descendants(child.pid ?? 0)
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    await gone
  }
  for (const pid of below) endIfThere(pid)
}

function endIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

export function descendants(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendants(child)])
}

/**
 * Proportional set size of a process and all below it, in bytes: shared pages count once. Linux only
 * (proc(5), smaps_rollup).
 */
export function proportionalSetSize(pid: number): number {
  return [pid, ...descendants(pid)].reduce((sum, each) => {
    const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${each}/smaps_rollup`, 'utf8'))?.[1]
    return sum + Number(kilobytes ?? 0) * 1024
  }, 0)
}

/**
 * Seconds that all threads of a process have spent on a core so far. Linux only (proc(5), stat), which counts
 * in hundredths.
 */
export function cpuSeconds(pid: number): number {
  const [, afterName = ''] = /\) (.+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
  const [userTime, systemTime] = afterName.split(' ').slice(11, 13)
  return (Number(userTime) + Number(systemTime)) / 100
}

/** Pins all threads of processes to one core. */
export function pin(core: number, pids: readonly number[]): void {
  for (const pid of pids) execFileSync('taskset', ['-acp', String(core), String(pid)], { stdio: 'ignore' })
}

/** Returns a port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer((socket: Socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // a TCP server that listens has one
  server.close()
  await once(server, 'close')
  return port
}

/** Registers a file that `removeTemporaryFiles` removes. */
export function temporaryFile(name: string): string {
  const directory = temporaryDirectory()
  mkdirSync(directory, { recursive: true })
  return join(directory, name)
}

export function removeTemporaryFiles(): void {
  rmSync(temporaryDirectory(), { recursive: true, force: true })
}

function temporaryDirectory(): string {
  return join(tmpdir(), `tsgun-bench-${process.pid}`)
}
