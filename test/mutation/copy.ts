// A temporary copy of the repository, in which one mutant at a time is tried: the work tree never changes.

import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { mutate, type MutationPoint } from './points.ts'

/** One mutant: a point and the text that replaces it. */
export interface Mutant {
  readonly point: MutationPoint
  readonly replacement: string
}

/** How long each test file takes without a mutant, in milliseconds; undefined if it fails. */
export type NormalTimes = Map<string, Promise<number | undefined>>

const notCopied: readonly string[] = ['node_modules', '.git', '.tsgun']

/** The time limit of a test file without a mutant, in milliseconds. */
const longestTest = 120_000

/** Added to three times the normal time of a test file, in milliseconds, because the machine may be busy. */
const allowance = 15_000

export class RepositoryCopy {
  readonly #root = mkdtempSync(join(tmpdir(), 'tsgun-mutation-'))
  readonly #normalTimes: NormalTimes
  /** The process group of the running test. */
  #group: number | undefined

  constructor(repository: string, normalTimes: NormalTimes) {
    this.#normalTimes = normalTimes
    cpSync(repository, this.#root, {
      recursive: true,
      filter: (path) => !notCopied.includes(basename(path)),
    })
    symlinkSync(join(repository, 'node_modules'), join(this.#root, 'node_modules'))
  }

  /** Resolves with the first test file that fails with the mutant, with undefined if the mutant survives. */
  async firstFailure({ point, replacement }: Mutant, tests: readonly string[]): Promise<string | undefined> {
    const path = join(this.#root, point.file)
    const original = readFileSync(path, 'utf8')
    for (const test of tests) {
      const normal = await this.#normalTime(test)
      if (normal === undefined) continue
      writeFileSync(path, mutate(original, point, replacement))
      const passed = await this.#passes(test, 3 * normal + allowance)
      writeFileSync(path, original)
      if (!passed) return test
    }
    return undefined
  }

  /** Ends the running test and deletes the copy. */
  remove(): void {
    this.#endGroup()
    rmSync(this.#root, { recursive: true, force: true })
  }

  #normalTime(test: string): Promise<number | undefined> {
    const known = this.#normalTimes.get(test)
    if (known) return known
    const began = performance.now()
    const measured = this.#passes(test, longestTest).then((passed) =>
      passed ? performance.now() - began : undefined,
    )
    this.#normalTimes.set(test, measured)
    return measured
  }

  /** Resolves with whether a test file passes within this many milliseconds. */
  async #passes(test: string, within: number): Promise<boolean> {
    // A group of its own, because a mutant may signal its process group or leave processes behind.
    const child = spawn(process.execPath, ['--import', 'tsx', test], {
      cwd: this.#root,
      detached: true,
      stdio: 'ignore',
    })
    this.#group = child.pid
    const timer = setTimeout(() => this.#endGroup(), within)
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', resolve)
    })
    clearTimeout(timer)
    this.#endGroup()
    return code === 0
  }

  #endGroup(): void {
    if (this.#group === undefined) return
    try {
      process.kill(-this.#group, 'SIGKILL')
    } catch (error) {
      // Usually no process of the group is left.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
    }
    this.#group = undefined
  }
}
