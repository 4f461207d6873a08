// Starts the real bin/tsgun.js in a directory of its own, as a user would, and makes sure that nothing is
// left behind. Ready is a message (TSGUN_READY_FD), never a sleep; every wait has a generous time limit and
// fails with the server's own output.

import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { childrenOf, groupMembers, killIfRunning, killProcess } from './processes.ts'
import { longestWait } from './wait.ts'

export const repository = resolve(import.meta.dirname, '../..')
const builtBin = join(repository, 'bin/tsgun.js')

/** The Node.js that the server runs on: the matrix tests set others. */
export const nodeBinary = process.env['TSGUN_TEST_NODE'] ?? process.execPath

export interface Project {
  readonly directory: string
  path(file: string): string
  read(file: string): string
  write(file: string, text: string): void
  /** Runs after the test, in reverse order, before the directory is removed. */
  onEnd(step: () => Promise<void>): void
}

/**
 * What a project needs of a test: a place for its clean-up. A suite that keeps one server for many tests has
 * its own.
 */
export interface Cleaner {
  after(step: () => Promise<void>): void
}

/**
 * Creates a directory with the given files, removed after the test unless TSGUN_KEEP is set. It has a
 * package.json with `"type": "module"` unless the files have one, and tsgun and the named packages in its
 * node_modules.
 */
export function createProject(
  t: Cleaner,
  files: Readonly<Record<string, string>> = {},
  packages: readonly string[] = [],
): Project {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'tsgun-test-'))
  const steps: (() => Promise<void>)[] = []
  const project: Project = {
    directory,
    path: (file) => join(directory, file),
    read: (file) => readFileSync(join(directory, file), 'utf8'),
    write(file, text) {
      mkdirSync(dirname(join(directory, file)), { recursive: true })
      writeFileSync(join(directory, file), text)
    },
    onEnd: (step) => void steps.unshift(step),
  }
  project.write('package.json', '{ "type": "module" }\n')
  for (const [file, text] of Object.entries(files)) project.write(file, text)
  mkdirSync(project.path('tmp'))
  mkdirSync(project.path('node_modules'), { recursive: true })
  symlinkSync(repository, project.path('node_modules/tsgun'))
  for (const name of packages) linkPackage(project, name)
  t.after(async () => {
    for (const step of steps) await step()
    if (process.env['TSGUN_KEEP'] === undefined)
      rmSync(directory, { recursive: true, force: true, maxRetries: 10 })
  })
  return project
}

function linkPackage(project: Project, name: string): void {
  const link = project.path(join('node_modules', name))
  mkdirSync(dirname(link), { recursive: true })
  symlinkSync(join(repository, 'node_modules', name), link)
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface LaunchOptions {
  readonly arguments?: readonly string[]
  readonly environment?: NodeJS.ProcessEnv
  readonly directory?: string
  /** More descriptors that the server inherits, from number 4 on. */
  readonly inherit?: readonly number[]
  /** The command, by default the repository's. */
  readonly bin?: string
  /** Another program, which is started without a script. */
  readonly program?: string
  /** A command of the shell that starts the server, such as `ulimit -n 64`. */
  readonly limit?: string
  /** Another user, when the tests run as root. */
  readonly user?: { readonly uid: number; readonly gid: number }
}

/** A started server, ready or not. */
export class Launched {
  readonly child: ChildProcess
  readonly project: Project
  readonly exited: Promise<Exit>
  #stdout = ''
  #stderr = ''
  #readyText = ''
  readonly #watchers = new Set<() => void>()

  constructor(project: Project, options: LaunchOptions) {
    const { arguments: words = [], environment = {}, directory, inherit = [], user, bin = builtBin } = options
    const { limit, program } = options
    const command = program === undefined ? [nodeBinary, bin, ...words] : [program, ...words]
    // exec: the server is the process that was started
    const [file = '', ...rest] =
      limit === undefined ? command : ['/bin/bash', '-c', `${limit} && exec "$@"`, 'bash', ...command]
    this.project = project
    this.child = spawn(file, rest, {
      cwd: directory ?? project.directory,
      detached: true, // in its own process group, so that everything in it can be ended and counted
      env: { ...cleanEnvironment(), TMPDIR: project.path('tmp'), TSGUN_READY_FD: '3', ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', ...inherit],
      ...user,
    })
    this.child.stdout
      ?.setEncoding('utf8')
      .on('data', (chunk: string) => this.#take(() => (this.#stdout += chunk)))
    this.child.stderr
      ?.setEncoding('utf8')
      .on('data', (chunk: string) => this.#take(() => (this.#stderr += chunk)))
    this.child.stdio[3]?.on('data', (chunk: Buffer) =>
      this.#take(() => (this.#readyText += chunk.toString())),
    )
    this.exited = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        resolve({ code, signal })
        this.#take(() => undefined)
      })
    })
  }

  get pid(): number {
    return this.child.pid ?? 0
  }

  get stdout(): string {
    return this.#stdout
  }

  get stderr(): string {
    return this.#stderr
  }

  get hasExited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  /** The line of TSGUN_READY_FD, parsed; undefined before it is received. */
  get announcement(): { readonly pid: number; readonly listeners: readonly string[] } | undefined {
    return this.#readyText.includes('\n')
      ? (JSON.parse(this.#readyText) as { pid: number; listeners: string[] })
      : undefined
  }

  signal(signal: NodeJS.Signals): void {
    killProcess(this.pid, signal)
  }

  /** Waits until `condition` holds, which is checked after each output of the server and every 50 ms. */
  async until(what: string, condition: () => boolean): Promise<void> {
    const giveUpAt = performance.now() + longestWait
    while (!condition()) {
      if (performance.now() > giveUpAt) throw new Error(`timed out waiting for ${what}\n${this.report()}`)
      await Promise.race([new Promise<void>((wake) => this.#watchers.add(wake)), delay(50)])
    }
  }

  /** Waits for a line on standard error (the error log's default place) or standard output. */
  async says(pattern: RegExp, times = 1): Promise<void> {
    const global = new RegExp(pattern.source, `${pattern.flags.replace('g', '')}g`)
    await this.until(
      `${times} x ${pattern}`,
      () => [...`${this.#stderr}\n${this.#stdout}`.matchAll(global)].length >= times,
    )
  }

  /** Resolves with the exit. Rejects at the time limit. */
  async exit(): Promise<Exit> {
    await this.until('the exit', () => this.hasExited)
    return this.exited
  }

  report(): string {
    return `--- ${this.project.directory}\n--- stdout\n${this.#stdout}\n--- stderr\n${this.#stderr}`
  }

  #take(change: () => void): void {
    change()
    for (const wake of this.#watchers) wake()
    this.#watchers.clear()
  }
}

export class RunningServer extends Launched {
  readonly listeners: string[] = []

  /** The first address. */
  get url(): string {
    return this.listeners[0] ?? ''
  }

  /** The pids of the current workers, from /proc. */
  get workerPids(): number[] {
    return childrenOf(this.pid)
  }

  /** Sends TERM and waits for the exit; asserts exit code 0. */
  async stop(): Promise<void> {
    if (!this.hasExited) this.signal('SIGTERM')
    const exit = await this.exit()
    assert.deepEqual(exit, { code: 0, signal: null }, this.report())
  }
}

/**
 * Starts a server and waits until its workers serve. After the test it must have exited, with all its
 * processes and files removed.
 */
export async function startServer(project: Project, options: LaunchOptions = {}): Promise<RunningServer> {
  const server = new RunningServer(project, options)
  project.onEnd(() => cleanUp(server))
  await server.until('the workers to be ready', () => server.announcement !== undefined || server.hasExited)
  assert.ok(server.announcement, `the server exited before it served\n${server.report()}`)
  // The announcement and the log use different pipes; if the log is on standard error, wait for it too.
  const isLogged = (): boolean =>
    !/tsgun [\d.]+ starts/.test(server.stderr) || /(?:workers are|the worker is) ready/.test(server.stderr)
  await server.until('the log line that the workers are ready', isLogged)
  server.listeners.push(...server.announcement.listeners)
  return server
}

/** Starts a command that is expected to exit, or not to become ready, by itself. */
export function launch(project: Project, options: LaunchOptions = {}): Launched {
  const launched = new Launched(project, options)
  project.onEnd(() => cleanUp(launched))
  return launched
}

/**
 * A test must not leak: all that is left of the group is ended, and fails the test if the server had exited
 * by itself.
 */
async function cleanUp(server: Launched): Promise<void> {
  const endedByItself = server.hasExited
  if (!endedByItself) {
    server.signal('SIGINT')
    await Promise.race([server.exited, delay(5000, undefined, { ref: false })])
  }
  // The workers of a killed master exit a moment later.
  if (endedByItself && server.child.signalCode !== null)
    await server
      .until('the workers to exit', () => groupMembers(server.pid).length === 0)
      .catch(() => undefined) // reported below
  const left = groupMembers(server.pid)
  for (const pid of left) killIfRunning(pid)
  await Promise.race([server.exited, delay(5000, undefined, { ref: false })])
  if (!endedByItself) return
  assert.deepEqual(left, [], `processes were left behind\n${server.report()}`)
  if (server.child.signalCode === null)
    assert.deepEqual(readdirSync(server.project.path('tmp')), [], 'files were left behind in TMPDIR')
}

/** Variables of the test run's environment that a server, Node or a library would apply. */
const influential = new Set([
  'PORT',
  'WEB_CONCURRENCY',
  'CI',
  'FORCE_COLOR',
  'NO_COLOR',
  'DEBUG',
  'LOG_LEVEL',
])

export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !influential.has(name) && !/^(TSGUN|NODE)_/.test(name)),
  )
}
