// Runs in the arbiter: a log file as a place for lines, and its rotation: the file gets another name, and the
// path a new file. Which master may do it is decided as file-locks.ts says.

import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FileLocks } from './file-locks.ts'
import { openFile, requireNoLink, statIfThere, type OpenFile } from './open-file.ts'
import type { Outlet, Rotation, Written } from './outlet.ts'
import type { Manner } from './places.ts'
import type { Archive } from '../rotation/archive.ts'
import { parseInterval, periodStart, type Interval } from '../rotation/interval.ts'
import type { RotationPolicy } from '../rotation/policy.ts'

export interface FileOutletOptions {
  readonly path: string
  /** The group of the files that are made; undefined for the master's own. */
  readonly gid: number | undefined
  readonly locks: FileLocks
  readonly archive: Archive
}

/** Nothing is open before the first `reopen`. */
export class FileOutlet implements Outlet {
  readonly #options: FileOutletOptions
  #policy: RotationPolicy | null = null
  #mode = 0o600
  #interval: Interval | undefined
  #file: OpenFile | undefined
  /** The moment whose period the present file belongs to. */
  #since = 0
  /** The file and its size when a write failed. */
  #cutOff: { readonly ino: number; readonly size: number } | undefined

  constructor(options: FileOutletOptions) {
    this.#options = options
  }

  follow({ rotation, mode }: Pick<Manner, 'rotation' | 'mode'>): void {
    this.#policy = rotation
    this.#interval = rotation?.interval == null ? undefined : parseInterval(rotation.interval)
    this.#mode = mode
    this.#options.archive.follow(rotation)
  }

  get room(): number {
    const limit = this.#policy?.size ?? null
    return limit === null || this.#file === undefined ? Infinity : Math.max(0, limit - this.#file.size)
  }

  async write(bytes: Buffer): Promise<Written> {
    const file = this.#file
    if (file === undefined) return { bytes: 0, error: new Error(`${this.#options.path} is not open`) }
    this.#cutOff = undefined
    if (file.size === 0) this.#since = Date.now()
    const written = await file.write(bytes)
    if (written.error === undefined) return written
    this.#file = undefined // rotating-file-stream has destroyed the stream, and closes its file
    this.#cutOff = await statIfThere(this.#options.path) // without it the line is written anew, whole
    return written
  }

  async reopen(): Promise<boolean> {
    const next = await this.#open()
    const cutOff = this.#cutOff
    const now = cutOff && (await statIfThere(this.#options.path))
    await this.#use(next)
    return now !== undefined && now.ino === cutOff?.ino && now.size === cutOff.size
  }

  async check(): Promise<Error | undefined> {
    const isThere = (await this.#file?.hasName()) ?? true
    return isThere
      ? undefined
      : new Error('it was removed, and what was written in the last second may be lost')
  }

  isDue(now: number): boolean {
    if (this.#file === undefined || this.#file.size === 0) return false
    return this.room === 0 || this.#start(now) > this.#start(this.#since)
  }

  async rotate(now: number): Promise<Rotation> {
    const file = this.#file
    if (file === undefined || file.size === 0) return 'empty'
    const turn = await this.#takeTurn()
    if (turn === undefined) return 'busy'
    try {
      const there = await statIfThere(this.#options.path)
      const isOurs = there !== undefined && file.isAt(there)
      // else another master has rotated it, or somebody removed it
      await this.#use(isOurs ? await this.#exchange(now) : await this.#open())
      return isOurs ? 'rotated' : 'elsewhere'
    } finally {
      await turn.close()
      this.#options.archive.settle()
    }
  }

  async close(): Promise<void> {
    await this.#options.archive.close()
    await this.#file?.close()
    this.#file = undefined
  }

  /** The beginning of the period that a moment is in; the same for all moments when there are no periods. */
  #start(time: number): number {
    return this.#interval === undefined ? 0 : periodStart(time, this.#interval, this.#policy?.utc === true)
  }

  async #open(): Promise<OpenFile> {
    const { path, gid, locks } = this.#options
    if (this.#policy !== null) await requireNoLink(path)
    const file = await openFile(path, { mode: this.#mode, gid })
    // who compresses has it exclusively, but never the file that has the log's own name
    locks.lock(file.fd, 'shared')
    return file
  }

  async #use(next: OpenFile): Promise<void> {
    const earlier = this.#file
    this.#file = next
    this.#since = next.size === 0 ? Date.now() : next.mtime
    await earlier?.close()
  }

  /** Only one master at a time rotates files in a directory. Undefined when another one does. */
  async #takeTurn(): Promise<FileHandle | undefined> {
    const { path, locks } = this.#options
    const directory = await open(dirname(path), 'r')
    if (locks.lock(directory.fd, 'exclusive')) return directory
    await directory.close()
    return undefined
  }

  /** Gives the file its new name, and the path a new file; or leaves both as they were. */
  async #exchange(now: number): Promise<OpenFile> {
    const { path, archive } = this.#options
    await requireNoLink(path)
    const lastWrite = this.#start(now) > this.#start(this.#since) ? this.#since : now
    const name = await archive.claim(this.#interval === undefined ? lastWrite : this.#start(lastWrite))
    try {
      await rename(path, name) // over the empty file that was claimed
    } catch (error) {
      await rm(name, { force: true })
      throw error
    }
    try {
      return await this.#open()
    } catch (error) {
      if ((await statIfThere(path)) === undefined) await rename(name, path)
      throw error
    }
  }
}
