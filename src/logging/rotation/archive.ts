// The rotated files of one log file. Runs in the arbiter, in the background. Chooses the name of the next
// rotated file, compresses the files that are not compressed, and removes the oldest ones as the settings
// say. It reads the directory each time, so that work that was interrupted continues after the next start.
// Files with other names are never touched.

import { open, readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { hasCode } from '../../os/error-code.ts'
import { toError } from '../records/describe-error.ts'
import { compressFile } from './compress.ts'
import type { FileLocks } from './file-locks.ts'
import { ifExists } from './if-exists.ts'
import { parseInterval, stampOf } from './interval.ts'
import { nextName, rotatedFiles, type RotatedFile } from './names.ts'
import { filesToRemove, type RotationPolicy } from './policy.ts'

/** Milliseconds until a file that another master still has open is tried again. */
const retryInterval = 5000
/** Milliseconds for which an empty file is kept: it claims the name of a rotation in progress. */
const claimTime = 60_000
const dayLength = 86_400_000

export interface ArchiveOptions {
  /** The log file. */
  readonly path: string
  readonly locks: FileLocks
  /** Runs the work of all archives one at a time. */
  readonly enqueue: <Result>(work: () => Promise<Result>) => Promise<Result>
  /** A file could not be compressed or removed; work on the others continues. */
  readonly onProblem: (error: Error) => void
}

export class Archive {
  readonly #options: ArchiveOptions
  readonly #directory: string
  readonly #log: string
  readonly #stop = new AbortController()
  #policy: RotationPolicy | null = null
  #running: Promise<void> | undefined
  #again = false
  #reported = ''
  #retry: NodeJS.Timeout | undefined

  constructor(options: ArchiveOptions) {
    this.#options = options
    this.#directory = dirname(options.path)
    this.#log = basename(options.path)
  }

  /** Claims the next name by creating an empty file, and resolves with its path. */
  async claim(time: number): Promise<string> {
    const { interval, utc } = this.#policy ?? { interval: null, utc: false }
    const unit = interval === null ? undefined : parseInterval(interval)?.unit
    const stamp = stampOf(time, unit, utc)
    const latestStamp = stampOf(time + dayLength, unit, utc)
    for (;;) {
      const path = join(
        this.#directory,
        nextName({ log: this.#log, stamp, latestStamp, existing: await this.#list() }),
      )
      try {
        await (await open(path, 'wx', 0o600)).close()
        return path
      } catch (error) {
        // EEXIST: another process has claimed the name
        if (!hasCode(error, 'EEXIST')) throw error
      }
    }
  }

  /** Applies a policy from now on, also to existing files. Null leaves them unchanged. */
  configure(policy: RotationPolicy | null): void {
    this.#policy = policy
    this.update()
  }

  /** Starts to compress and remove files as the policy says. Returns at once. */
  update(): void {
    if (this.#policy === null || this.#stop.signal.aborted) return
    clearTimeout(this.#retry)
    this.#again = true
    this.#running ??= this.#options
      .enqueue(() => this.#work())
      .finally(() => {
        this.#running = undefined
        if (this.#again) this.update() // called while the work was ending
      })
  }

  /** Resolves when no work is in progress. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running
  }

  /** Stops; unfinished work is continued after the next start. */
  async close(): Promise<void> {
    clearTimeout(this.#retry)
    this.#stop.abort()
    await this.idle()
  }

  async #work(): Promise<void> {
    while (this.#again && !this.#stop.signal.aborted) {
      this.#again = false
      try {
        await this.#removeLeftovers()
        await this.#prune()
        await this.#compressAll()
      } catch (error) {
        this.#report(error)
      }
    }
  }

  /** Newest first, because the oldest may be removed before their turn. */
  async #compressAll(): Promise<void> {
    const tried = new Set<string>()
    while (this.#policy?.compress === true && !this.#stop.signal.aborted) {
      const next = (await this.#list()).findLast(({ form, name }) => form === 'plain' && !tried.has(name))
      if (next === undefined) return
      tried.add(next.name)
      await this.#compress(next)
      await this.#prune() // the file is smaller now, and others may have been added
    }
  }

  async #compress({ name }: RotatedFile): Promise<void> {
    const { locks } = this.#options
    try {
      const done = await compressFile({ path: join(this.#directory, name), locks, signal: this.#stop.signal })
      if (!done) this.#retryLater()
    } catch (error) {
      this.#report(error)
    }
  }

  /** Reports an error once, although each rotation tries again. */
  #report(error: unknown): void {
    const problem = toError(error)
    if (this.#stop.signal.aborted || problem.message === this.#reported) return
    this.#reported = problem.message
    this.#options.onProblem(problem)
  }

  #retryLater(): void {
    this.#retry = setTimeout(() => this.update(), retryInterval).unref()
  }

  async #prune(): Promise<void> {
    if (this.#policy === null) return
    const { keep, total_size } = this.#policy
    if (keep === null && total_size === null) return
    const files = (await this.#list()).filter(({ form }) => form !== 'part')
    const sized = await Promise.all(files.map(async (file) => ({ ...file, size: await this.#sizeOf(file) })))
    const written = sized.filter(({ size }) => size > 0) // empty files only claim a name
    for (const { name } of filesToRemove(written, { keep, total_size }))
      await rm(join(this.#directory, name), { force: true })
  }

  /**
   * Removes what a killed master has left: claimed names that were not used, and partial compressions that
   * will not be started again.
   */
  async #removeLeftovers(): Promise<void> {
    const files = await this.#list()
    const sources = new Set(
      this.#policy?.compress === true ? files.filter(({ form }) => form === 'plain').map(keyOf) : [],
    )
    for (const file of files) {
      const path = join(this.#directory, file.name)
      const isLeftover =
        file.form === 'part' ? !sources.has(keyOf(file)) : file.form === 'plain' && (await isAbandoned(path))
      if (isLeftover) await rm(path, { force: true })
    }
  }

  async #list(): Promise<readonly RotatedFile[]> {
    const entries = await readdir(this.#directory, { withFileTypes: true })
    return rotatedFiles(
      this.#log,
      entries.filter((entry) => entry.isFile()).map(({ name }) => name),
    )
  }

  async #sizeOf({ name }: RotatedFile): Promise<number> {
    return (await ifExists(stat(join(this.#directory, name))))?.size ?? 0
  }
}

function keyOf({ stamp, index }: RotatedFile): string {
  return `${stamp}.${index}`
}

async function isAbandoned(path: string): Promise<boolean> {
  const found = await ifExists(stat(path))
  return found?.size === 0 && Date.now() - found.mtimeMs > claimTime
}
