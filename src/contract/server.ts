// Runs in a test of the user: a real server of the battery, in a directory of its own, and what it says.
// Every wait has a time limit, and fails with the server's own output.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { programIn } from '../ipc/home.ts'
import { ownPackage } from '../os/own-code.ts'
import { spawnServer, type SpawnedServer } from '../os/process/spawn-server.ts'

/** Milliseconds: an upper bound for a slow machine, not an expectation. */
const longestWait = 60_000
const interval = 20

export interface ServerOptions {
  readonly node: string
  /** By name; `server.config.js` is one of them. */
  readonly files: Readonly<Record<string, string>>
}

export class ContractServer {
  readonly directory: string
  readonly listeners: string[] = []
  readonly #process: SpawnedServer
  readonly #texts = { stdout: '', stderr: '', ready: '' }
  #exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined

  constructor({ node, files }: ServerOptions) {
    this.directory = mkdtempSync(join(realpathSync(tmpdir()), 'tsgun-contract-'))
    for (const [name, text] of Object.entries({ 'package.json': '{ "type": "module" }', ...files }))
      this.write(name, text)
    const start = {
      node,
      words: [programIn(ownPackage, 'tsgun')],
      directory: this.directory,
      environment: { ...withoutTests(process.env), TSGUN_READY_FD: '3' },
    }
    this.#process = spawnServer(start, {
      onText: (stream, text) => (this.#texts[stream] += text),
      onEnd: (code, signal) => (this.#exit = { code, signal }),
    })
  }

  /** Resolves when its workers serve. */
  async ready(): Promise<void> {
    const isOver = (): boolean => this.#texts.ready.includes('\n') || this.#exit !== undefined
    await this.until('the workers to be ready', isOver)
    assert.equal(this.#exit, undefined, `the server exited before it served\n${this.report()}`)
    // as docs/reference/environment.md has it
    const line = JSON.parse(this.#texts.ready) as { listeners: string[] }
    this.listeners.push(...line.listeners)
  }

  get url(): string {
    return this.listeners[0] ?? ''
  }

  get stdout(): string {
    return this.#texts.stdout
  }

  read(name: string): string {
    return readFileSync(join(this.directory, name), 'utf8')
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.directory, name), text)
  }

  signal(name: NodeJS.Signals): void {
    this.#process.signal(name)
  }

  /** Waits until the error log or the app log has this text. */
  says(pattern: RegExp): Promise<void> {
    return this.until(String(pattern), () => pattern.test(`${this.#texts.stderr}\n${this.#texts.stdout}`))
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    const giveUpAt = performance.now() + longestWait
    while (!condition()) {
      assert.ok(performance.now() < giveUpAt, `timed out waiting for ${what}\n${this.report()}`)
      await delay(interval)
    }
  }

  /** Resolves when it has exited, which has to be with 0. */
  async exited(): Promise<void> {
    await this.until('the exit', () => this.#exit !== undefined)
    assert.deepEqual(this.#exit, { code: 0, signal: null }, this.report())
  }

  /** Ends what is left, and removes the directory. */
  async remove(): Promise<void> {
    this.#process.endAll()
    await this.until('the end', () => this.#exit !== undefined)
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 10 })
  }

  report(): string {
    return `--- stdout\n${this.#texts.stdout}\n--- stderr\n${this.#texts.stderr}`
  }
}

/** Without what the test runner, or a server around it, has set for its own processes. */
function withoutTests(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = ['NODE_TEST_CONTEXT', 'NODE_OPTIONS', 'WEB_CONCURRENCY', 'PORT', 'HOST']
  const isKept = (name: string): boolean => !names.includes(name) && !name.startsWith('TSGUN_')
  return Object.fromEntries(Object.entries(environment).filter(([name]) => isKept(name)))
}
