// One open log file, opened for appending by rotating-file-stream. Runs in the arbiter. FileWriter rotates
// it, because the package's own rotation blocks writing during compression, ends the stream when the file
// cannot be renamed, and does not report a failure at the end of an interval.

import type { Stats } from 'node:fs'
import { lstat, stat, type FileHandle } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Writable } from 'node:stream'
import { createStream } from 'rotating-file-stream'
import { isObject } from '../../os/type-checks.ts'

/** Permissions of a log file that the server creates. */
export interface FilePermissions {
  /** As in chmod(2); the umask is not applied. */
  readonly mode: number
  /** Group of the file; undefined for the master's own. The owner is the master's user. */
  readonly gid: number | undefined
}

export class OpenFile {
  readonly fd: number
  readonly ino: number
  readonly dev: number
  /** Size in bytes, kept up to date while the file is written. */
  size: number
  /** Last modification before the file was opened, in milliseconds since the epoch. */
  readonly mtime: number
  readonly #stream: Writable
  readonly #file: AppendedFile
  /** Bytes of the current piece that are in the file. */
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

  /** After an error the file is closed. */
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

  /** Whether the file has a name: a removed file still accepts writes, but no process can open it. */
  async hasName(): Promise<boolean> {
    return (await this.#file.stat()).nlink > 0
  }

  isAt({ ino, dev }: Stats): boolean {
    return ino === this.ino && dev === this.dev
  }
}

/** Opens a file for appending, and creates it if it does not exist. Rejects with the reason. */
export async function openFile(path: string, permissions: FilePermissions): Promise<OpenFile> {
  const isNew = await requireUsablePath(path)
  const stream = await openStream(path, permissions.mode)
  const file: unknown = Reflect.get(stream, 'file')
  if (!isAppendedFile(file)) throw new Error('this version of rotating-file-stream has no `file` property')
  if (isNew) await setPermissions(file, permissions)
  return new OpenFile(stream, file, await file.stat())
}

function openStream(path: string, mode: number): Promise<Writable> {
  return new Promise((resolve, reject) => {
    const stream = createStream(basename(path), { path: dirname(path), mode })
    // after it is open, the callback of each write receives its error
    stream.on('error', reject)
    stream.on('open', () => resolve(stream))
  })
}

async function setPermissions(file: AppendedFile, { mode, gid }: FilePermissions): Promise<void> {
  if (gid !== undefined) await file.chown(process.geteuid?.() ?? -1, gid)
  await file.chmod(mode)
}

/**
 * Resolves with whether the file is new. Rejects if the directory is missing: rotating-file-stream would
 * create it with a mode that no setting controls.
 */
async function requireUsablePath(path: string): Promise<boolean> {
  const folder = await statOrUndefined(dirname(path))
  if (!folder?.isDirectory()) throw new Error(`directory ${dirname(path)} does not exist`)
  await requireOwnLink(path)
  const file = await statOrUndefined(path)
  if (file?.isDirectory()) throw new Error('it is a directory')
  if (file?.isSocket()) throw new Error('it is a socket; name a file, a FIFO or "-"')
  // to open a FIFO could wait for ever
  if (file?.isFile() === false) throw new Error('it is not a regular file; remove it, or restart the server')
  return file === undefined
}

/**
 * Rejects for a link of another user: in a directory where the app may write, the app could replace a log
 * with a link, and a master that runs as root would write to its target.
 */
export async function requireOwnLink(path: string): Promise<void> {
  const link = await linkOrUndefined(path)
  if (link !== undefined && link.uid !== 0 && link.uid !== process.geteuid?.())
    throw new Error('it is a symbolic link of another user, who could redirect the log to any file')
}

/** Rejects for a symbolic link: rotation would rename the link, not the file. */
export async function requireNoLink(path: string): Promise<void> {
  if (await linkOrUndefined(path)) throw new Error('it is a symbolic link; set the path of the file itself')
}

async function linkOrUndefined(path: string): Promise<Stats | undefined> {
  const stats = await lstat(path).catch(() => undefined) // opening the file reports the error
  return stats?.isSymbolicLink() ? stats : undefined
}

/** Undefined when the path does not exist or may not be read; opening the file then reports the error. */
export function statOrUndefined(path: string): Promise<Stats | undefined> {
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
 * A disk that fills up accepts only the start of a piece (write(2)). rotating-file-stream does not check
 * this: the rest would be lost, and a line torn. So `write` of the open file is replaced by one that repeats
 * until all bytes are written or a write fails.
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
  return isObject(file) && methods.every((name) => typeof file[name] === 'function')
}
