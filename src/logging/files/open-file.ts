// Runs in the arbiter: one open log file, by rotating-file-stream. It is a stream to append to; when a file
// is rotated is decided, and done, by FileOutlet, because the package's own rotation holds up writing while
// it compresses, ends the stream when a name cannot be given, and tells nobody of a failure at the end of an
// interval.

import type { Stats } from 'node:fs'
import { lstat, stat, type FileHandle } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Writable } from 'node:stream'
import { createStream } from 'rotating-file-stream'

/** Who may do what with a log file that the server makes. */
export interface FileRights {
  /** As in chmod(2), whatever the umask is. */
  readonly mode: number
  /** The group that it is given to; undefined for the master's own. The owner is the master's user. */
  readonly gid: number | undefined
}

export class OpenFile {
  readonly fd: number
  readonly ino: number
  readonly dev: number
  /** Bytes in the file, when it was opened and since. */
  size: number
  /** Milliseconds since the epoch: when it was written last before it was opened. */
  readonly mtime: number
  readonly #stream: Writable
  readonly #file: AppendedFile
  /** How much of the present piece is in the file. */
  #progress = 0

  constructor(stream: Writable, file: AppendedFile, { ino, dev, size, mtimeMs }: Stats) {
    this.#stream = stream
    this.#file = file
    this.fd = file.fd
    this.ino = ino
    this.dev = dev
    this.size = size
    this.mtime = mtimeMs
    writeWhole(file, (bytes) => {
      this.#progress += bytes
      this.size += bytes
    })
  }

  /** After an error it is closed. */
  async write(bytes: Buffer): Promise<{ readonly bytes: number; readonly error?: Error }> {
    this.#progress = 0
    const error = await new Promise<Error | null | undefined>((resolve) => this.#stream.write(bytes, resolve))
    return error ? { bytes: this.#progress, error } : { bytes: bytes.length }
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#stream.closed) return resolve()
      this.#stream.once('close', resolve)
      this.#stream.end()
    })
  }

  /** Whether any name leads to it: a file that was removed still takes what is written, for nobody. */
  async hasName(): Promise<boolean> {
    return (await this.#file.stat()).nlink > 0
  }

  isAt({ ino, dev }: Stats): boolean {
    return ino === this.ino && dev === this.dev
  }
}

/** Opens a file for appending, and makes it if there is none. Rejects with the reason in plain words. */
export async function openFile(path: string, rights: FileRights): Promise<OpenFile> {
  const isNew = await requirePlace(path)
  const stream = await openStream(path, rights.mode)
  const file: unknown = Reflect.get(stream, 'file')
  if (!isAppendedFile(file)) throw new Error('this rotating-file-stream has no file to write to')
  if (isNew) await giveRights(file, rights)
  return new OpenFile(stream, file, await file.stat())
}

function openStream(path: string, mode: number): Promise<Writable> {
  return new Promise((resolve, reject) => {
    const stream = createStream(basename(path), { path: dirname(path), mode })
    // once it is open, whoever writes learns of an error by the callback of the write
    stream.on('error', reject)
    stream.on('open', () => resolve(stream))
  })
}

async function giveRights(file: AppendedFile, { mode, gid }: FileRights): Promise<void> {
  if (gid !== undefined) await file.chown(process.geteuid?.() ?? -1, gid)
  await file.chmod(mode)
}

/**
 * Whether there is no file yet. rotating-file-stream would make directories that are missing, with a mode
 * that nobody chose.
 */
async function requirePlace(path: string): Promise<boolean> {
  const folder = await statIfThere(dirname(path))
  if (!folder?.isDirectory()) throw new Error(`there is no directory ${dirname(path)}`)
  if (await isForeignLink(path))
    throw new Error('it is a symbolic link of another user, who could choose what the server writes to')
  const file = await statIfThere(path)
  if (file?.isDirectory()) throw new Error('it is a directory')
  return file === undefined
}

/**
 * In a directory where the app may write, the app may put a link in place of a log, and a master of root
 * would follow it.
 */
async function isForeignLink(path: string): Promise<boolean> {
  const link = await linkIfThere(path)
  return link !== undefined && link.uid !== 0 && link.uid !== process.geteuid?.()
}

/** Rejects when it is the link, and not the file, that would get another name. */
export async function requireNoLink(path: string): Promise<void> {
  if (await linkIfThere(path))
    throw new Error('it is a symbolic link; the setting has to name the file itself')
}

async function linkIfThere(path: string): Promise<Stats | undefined> {
  const stats = await lstat(path).catch(() => undefined) // opening it says why
  return stats?.isSymbolicLink() ? stats : undefined
}

/**
 * What a path is; undefined when there is nothing, or nothing that this process may look at: then opening it
 * says why.
 */
export function statIfThere(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined)
}

interface AppendedFile {
  readonly fd: number
  write(bytes: Buffer, offset?: number): Promise<{ readonly bytesWritten: number }>
  stat(): Promise<Stats>
  chown: FileHandle['chown']
  chmod: FileHandle['chmod']
}

/**
 * A disk that fills up takes the beginning of a piece and no more (write(2)), which rotating-file-stream does
 * not look at: the rest would be lost, and a line torn. So the `write` of the file that it has opened goes on
 * until all is written or fails.
 */
function writeWhole(file: AppendedFile, onProgress: (bytes: number) => void): void {
  const writeSome = file.write.bind(file)
  file.write = async (bytes) => {
    let done = 0
    while (done < bytes.length) {
      const { bytesWritten } = await writeSome(bytes, done)
      done += bytesWritten
      onProgress(bytesWritten)
    }
    return { bytesWritten: done }
  }
}

function isAppendedFile(file: unknown): file is AppendedFile {
  const methods = ['write', 'stat', 'chown', 'chmod']
  return (
    typeof file === 'object' &&
    file !== null &&
    methods.every((name) => typeof Reflect.get(file, name) === 'function')
  )
}
