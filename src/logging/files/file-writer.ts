// Writes log lines to a file and rotates it: the file gets another name, and a new file is created at the
// path. Runs in the arbiter. file-locks.ts defines which of several masters may rotate.

import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Archive } from '../rotation/archive.ts'
import type { FileLocks } from '../rotation/file-locks.ts'
import { parseInterval, periodStart, type Interval } from '../rotation/interval.ts'
import type { RotationPolicy } from '../rotation/policy.ts'
import type { DestinationOptions } from './destination.ts'
import { openFile, requireNoLink, statOrUndefined, type OpenFile } from './open-file.ts'
import type { Rotation, Writer, Written } from './writer.ts'

export interface FileWriterOptions {
  readonly path: string
  /** Group of the files that are created; undefined for the master's own. */
  readonly gid: number | undefined
  readonly locks: FileLocks
  readonly archive: Archive
}

/** No file is open before the first `reopen`. */
export class FileWriter implements Writer {
  readonly #options: FileWriterOptions
  #policy: RotationPolicy | null = null
  #mode = 0o600
  #interval: Interval | undefined
  #file: OpenFile | undefined
  /** A time in the period of the current file, in milliseconds since the epoch. */
  #since = 0
  /** The file and its size after a failed write. */
  #cutOff: { readonly ino: number; readonly size: number } | undefined

  constructor(options: FileWriterOptions) {
    this.#options = options
  }

  configure({ rotation, mode }: Pick<DestinationOptions, 'rotation' | 'mode'>): void {
    this.#policy = rotation
    this.#interval = rotation?.interval == null ? undefined : parseInterval(rotation.interval)
    this.#mode = mode
    this.#options.archive.configure(rotation)
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
    this.#cutOff = await statOrUndefined(this.#options.path) // undefined: the whole line is written again
    return written
  }

  async reopen(): Promise<boolean> {
    const next = await this.#open()
    const cutOff = this.#cutOff
    const now = cutOff && (await statOrUndefined(this.#options.path))
    await this.#use(next)
    return now !== undefined && now.ino === cutOff?.ino && now.size === cutOff.size
  }

  async check(): Promise<Error | undefined> {
    const hasName = (await this.#file?.hasName()) ?? true
    return hasName
      ? undefined
      : new Error('the file was removed; lines written in the last second may be lost')
  }

  isDue(now: number): boolean {
    if (this.#file === undefined || this.#file.size === 0) return false
    return this.room === 0 || this.#start(now) > this.#start(this.#since)
  }

  async rotate(now: number): Promise<Rotation> {
    const file = this.#file
    if (file === undefined || file.size === 0) return 'empty'
    const lock = await this.#lockDirectory()
    if (lock === undefined) return 'busy'
    try {
      const found = await statOrUndefined(this.#options.path)
      const isOurs = found !== undefined && file.isAt(found)
      // otherwise another master has rotated the file, or it was removed
      await this.#use(isOurs ? await this.#exchange(now) : await this.#open())
      return isOurs ? 'rotated' : 'elsewhere'
    } finally {
      await lock.close()
      this.#options.archive.update()
    }
  }

  async close(): Promise<void> {
    await this.#options.archive.close()
    await this.#file?.close()
    this.#file = undefined
  }

  /** Returns the start of the period that contains `time`; 0 without an interval. */
  #start(time: number): number {
    return this.#interval === undefined ? 0 : periodStart(time, this.#interval, this.#policy?.utc === true)
  }

  async #open(): Promise<OpenFile> {
    const { path, gid, locks } = this.#options
    if (this.#policy !== null) await requireNoLink(path)
    const file = await openFile(path, { mode: this.#mode, gid })
    // compression locks files exclusively, but never the file at the log's own path
    locks.lock(file.fd, 'shared')
    return file
  }

  async #use(next: OpenFile): Promise<void> {
    const earlier = this.#file
    this.#file = next
    this.#since = next.size === 0 ? Date.now() : next.mtime
    await earlier?.close()
  }

  /** Only one master at a time rotates files in a directory. Undefined while another one does. */
  async #lockDirectory(): Promise<FileHandle | undefined> {
    const { path, locks } = this.#options
    const directory = await open(dirname(path), 'r')
    if (locks.lock(directory.fd, 'exclusive')) return directory
    await directory.close()
    return undefined
  }

  /** Renames the file and creates a new one at the path, or leaves both unchanged. */
  async #exchange(now: number): Promise<OpenFile> {
    const { path, archive } = this.#options
    await requireNoLink(path)
    const lastWrite = this.#start(now) > this.#start(this.#since) ? this.#since : now
    const name = await archive.claim(this.#interval === undefined ? lastWrite : this.#start(lastWrite))
    try {
      await rename(path, name) // replaces the empty file that claimed the name
    } catch (error) {
      await rm(name, { force: true })
      throw error
    }
    try {
      return await this.#open()
    } catch (error) {
      if ((await statOrUndefined(path)) === undefined) await rename(name, path)
      throw error
    }
  }
}
