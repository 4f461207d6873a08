// Runs in the arbiter, beside its other work: the rotated files of one log. Gives the next one its name,
// compresses those that are not compressed, and removes the oldest ones as the settings say. What it has to
// do it reads off the directory each time, so that a server which was killed in the middle of it goes on
// after its next start, and files of others are never touched.

import { open, readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { toError } from '../records/describe-error.ts'
import type { FileLocks } from '../files/file-locks.ts'
import { compressFile } from './compress.ts'
import { ifThere } from './if-there.ts'
import { parseInterval, stampOf } from './interval.ts'
import { nextName, rotatedFiles, type RotatedFile } from './names.ts'
import type { RotationPolicy } from './policy.ts'
import { superfluous } from './superfluous.ts'

/** Milliseconds until it is looked again whether another master has closed a file. */
const retryInterval = 5000
/** Milliseconds for which a file may be empty: that is how the name of a rotation begins. */
const claimTime = 60_000
const dayLength = 86_400_000

export interface ArchiveOptions {
  /** The log file. */
  readonly path: string
  readonly locks: FileLocks
  /** Work that many logs may ask for, of which one is done at a time. */
  readonly lane: <Result>(work: () => Promise<Result>) => Promise<Result>
  /** A file could not be compressed or removed; the others go on. */
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
  #told = ''
  #retry: NodeJS.Timeout | undefined

  constructor(options: ArchiveOptions) {
    this.#options = options
    this.#directory = dirname(options.path)
    this.#log = basename(options.path)
  }

  /** Makes an empty file with the next name, so that nobody else takes it, and answers its path. */
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
        // else: somebody was faster
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      }
    }
  }

  /** From now on, and at once with the files that are there. Null leaves them alone. */
  follow(policy: RotationPolicy | null): void {
    this.#policy = policy
    this.settle()
  }

  /** Compresses and removes what is to be compressed and removed. Does not wait for it. */
  settle(): void {
    if (this.#policy === null || this.#stop.signal.aborted) return
    clearTimeout(this.#retry)
    this.#again = true
    this.#running ??= this.#options
      .lane(() => this.#work())
      .finally(() => {
        this.#running = undefined
        if (this.#again) this.settle() // it was asked for when the work was just done
      })
  }

  /** Fulfils when there is nothing to do now. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running
  }

  /** Leaves what is not finished to the next start. */
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
        this.#tell(error)
      }
    }
  }

  /** The newest first: the oldest may be removed meanwhile. */
  async #compressAll(): Promise<void> {
    const tried = new Set<string>()
    while (this.#policy?.compress === true && !this.#stop.signal.aborted) {
      const next = (await this.#list()).findLast(({ form, name }) => form === 'plain' && !tried.has(name))
      if (next === undefined) return
      tried.add(next.name)
      await this.#compress(next)
      await this.#prune() // it is smaller now, and time has passed
    }
  }

  async #compress({ name }: RotatedFile): Promise<void> {
    const { locks } = this.#options
    try {
      const done = await compressFile({ path: join(this.#directory, name), locks, signal: this.#stop.signal })
      if (!done) this.#retryLater()
    } catch (error) {
      this.#tell(error)
    }
  }

  /** Once, although it is tried again after each rotation. */
  #tell(error: unknown): void {
    const problem = toError(error)
    if (this.#stop.signal.aborted || problem.message === this.#told) return
    this.#told = problem.message
    this.#options.onProblem(problem)
  }

  #retryLater(): void {
    this.#retry = setTimeout(() => this.settle(), retryInterval).unref()
  }

  async #prune(): Promise<void> {
    if (this.#policy === null) return
    const { keep, total_size } = this.#policy
    if (keep === null && total_size === null) return
    const files = (await this.#list()).filter(({ form }) => form !== 'part')
    const sized = await Promise.all(files.map(async (file) => ({ ...file, size: await this.#sizeOf(file) })))
    const written = sized.filter(({ size }) => size > 0) // the others are names that were claimed
    for (const { name } of superfluous(written, { keep, total_size }))
      await rm(join(this.#directory, name), { force: true })
  }

  /**
   * What a master that was killed has left: names that it had claimed, and compressions that nobody will
   * begin anew.
   */
  async #removeLeftovers(): Promise<void> {
    const files = await this.#list()
    const sources = new Set(
      this.#policy?.compress === true ? files.filter(({ form }) => form === 'plain').map(keyOf) : [],
    )
    for (const file of files) {
      const path = join(this.#directory, file.name)
      const left =
        file.form === 'part' ? !sources.has(keyOf(file)) : file.form === 'plain' && (await isAbandoned(path))
      if (left) await rm(path, { force: true })
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
    return (await ifThere(stat(join(this.#directory, name))))?.size ?? 0
  }
}

function keyOf({ stamp, index }: RotatedFile): string {
  return `${stamp}.${index}`
}

async function isAbandoned(path: string): Promise<boolean> {
  const found = await ifThere(stat(path))
  return found?.size === 0 && Date.now() - found.mtimeMs > claimTime
}
