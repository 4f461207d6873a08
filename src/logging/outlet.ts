// Runs in the arbiter: the places that a sink can write to, a file or a standard stream. An outlet writes one piece at a time, tells to
// the byte how far it came, and keeps nothing back: what to do about a failure is the sink's decision.

import { write } from 'node:fs'
import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createStream } from 'rotating-file-stream'
import { isFull } from './is-full.ts'

/** Only the owner and the group may read a log. */
const fileMode = 0o640

/** Milliseconds until a stream that takes nothing now is asked again. */
const fullInterval = 10

export interface Written {
  readonly bytes: number
  /** Why it was not all. */
  readonly error?: Error
}

export interface Outlet {
  /** Never rejects. */
  write(bytes: Buffer): Promise<Written>
  /**
   * Opens the place anew. Rejects, and changes nothing, when it cannot be opened. Answers whether the last byte that was written is
   * still the last one there, so that a line which was cut off can go on.
   */
  reopen(): Promise<boolean>
  close(): Promise<void>
}

/** A log file, by rotating-file-stream. Nothing is open before the first `reopen`. */
export class FileOutlet implements Outlet {
  readonly #path: string
  #stream: Writable | undefined
  /** How much of the present piece is in the file. */
  #progress = 0
  /** The file and its size when a write failed. */
  #cutOff: { readonly ino: number; readonly size: number } | undefined

  constructor(path: string) {
    this.#path = path
  }

  async write(bytes: Buffer): Promise<Written> {
    const stream = this.#stream
    if (stream === undefined) return { bytes: 0, error: new Error(`${this.#path} is not open`) }
    this.#progress = 0
    this.#cutOff = undefined
    const error = await new Promise<Error | null | undefined>((resolve) => stream.write(bytes, resolve))
    if (!error) return { bytes: bytes.length }
    this.#stream = undefined // rotating-file-stream has destroyed it, and closes its file
    this.#cutOff = await statIfThere(this.#path) // without it the line is written anew, whole
    return { bytes: this.#progress, error }
  }

  async reopen(): Promise<boolean> {
    const next = await this.#open()
    const cutOff = this.#cutOff
    const now = cutOff && (await statIfThere(this.#path))
    const earlier = this.#stream
    this.#stream = next
    if (earlier) await ended(earlier)
    return now !== undefined && now.ino === cutOff?.ino && now.size === cutOff.size
  }

  async close(): Promise<void> {
    if (this.#stream) await ended(this.#stream)
    this.#stream = undefined
  }

  async #open(): Promise<Writable> {
    await requirePlace(this.#path)
    return new Promise((resolve, reject) => {
      const stream = createStream(basename(this.#path), { path: dirname(this.#path), mode: fileMode })
      stream.on('error', reject) // once it is open, whoever writes learns of an error by the callback of the write
      stream.on('open', () => {
        writeWhole(stream, (bytes) => (this.#progress += bytes))
        resolve(stream)
      })
    })
  }
}

/** rotating-file-stream would make directories that are missing, with a mode that nobody chose. */
async function requirePlace(path: string): Promise<void> {
  const folder = await statIfThere(dirname(path))
  if (!folder?.isDirectory()) throw new Error(`there is no directory ${dirname(path)}`)
  const file = await statIfThere(path)
  if (file?.isDirectory()) throw new Error('it is a directory')
}

/** What a path is; undefined when there is nothing, or nothing that this process may look at: then opening it says why. */
function statIfThere(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined)
}

interface WritableFile {
  write(bytes: Buffer, offset?: number): Promise<{ readonly bytesWritten: number }>
}

/**
 * A disk that fills up takes the beginning of a piece and no more (write(2)), which rotating-file-stream does not look at: the rest
 * would be lost, and a line torn. So the `write` of the file that it has opened goes on until all is written or fails.
 */
function writeWhole(stream: Writable, onProgress: (bytes: number) => void): void {
  const file: unknown = Reflect.get(stream, 'file')
  if (!isWritableFile(file)) throw new Error('this rotating-file-stream has no file to write to')
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

function isWritableFile(file: unknown): file is WritableFile {
  return typeof file === 'object' && file !== null && 'write' in file && typeof file.write === 'function'
}

function ended(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) return resolve()
    stream.once('close', resolve)
    stream.end()
  })
}

const writeTo = promisify(write)

/**
 * The master's own standard output or error. `process.stdout` would wait in write(2) for a reader that has stopped, and the whole
 * master with it; here only a thread of libuv waits. It is never closed: whoever started the server owns it.
 */
export class StandardOutlet implements Outlet {
  readonly #fd: number

  constructor(fd: number) {
    this.#fd = fd
  }

  async write(bytes: Buffer): Promise<Written> {
    let done = 0
    while (done < bytes.length) {
      try {
        done += (await writeTo(this.#fd, bytes, done, bytes.length - done)).bytesWritten
      } catch (error) {
        if (!isFull(error)) return { bytes: done, error: error instanceof Error ? error : new Error(String(error)) }
        await delay(fullInterval) // somebody who shares it has made it non-blocking
      }
    }
    return { bytes: done }
  }

  reopen(): Promise<boolean> {
    return Promise.resolve(true)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
