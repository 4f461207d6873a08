// Runs in the process of preload(): the empty files that its arbiter has made. Filled from here, they are
// memory that cannot change any more, or, without the system calls, files on a disk.

import { createReadStream, readSync, statSync, writeSync } from 'node:fs'
import type { SharedMemoryCalls } from '../../os/system/shared-memory.ts'
import type { FileSource } from '../../sharing/context.ts'
import type { PreloadTask } from '../../sharing/manifest.ts'
import type { Packed } from '../../sharing/pack.ts'
import { SharedFile } from '../../sharing/shared-file.ts'
import { longestTransfer } from '../../sharing/sources.ts'

/** Undefined where each process gets a copy. */
export type MemoryCalls = Pick<SharedMemoryCalls, 'reserve' | 'seal' | 'map'> | undefined

export class PreloadStore {
  readonly #task: PreloadTask
  readonly #calls: MemoryCalls
  readonly #files: { readonly file: SharedFile; readonly size: number }[] = []
  /** Files that are being filled: each has its place in the list of descriptors. */
  #begun = 0

  constructor(task: PreloadTask, calls: MemoryCalls) {
    this.#task = task
    this.#calls = calls
  }

  /** Of each file so far; 0 of one that could not be filled. */
  get sizes(): readonly number[] {
    return Array.from({ length: this.#begun }, (_, nr) => this.#files[nr]?.size ?? 0)
  }

  /** Throws for a file of another process. */
  numberOf(file: SharedFile): number {
    const nr = this.#files.findIndex((known) => known?.file === file)
    if (nr === -1) throw new Error('a SharedFile that ctx.file() of this preload() has not made')
    return nr
  }

  write({ pieces, size }: Packed): void {
    const { data } = this.#task
    this.#calls?.reserve(data, 0, size)
    for (const { offset, bytes } of pieces) writeAt(data, bytes, offset)
    this.#calls?.seal(data)
  }

  async add(source: FileSource): Promise<SharedFile> {
    const nr = this.#begun
    const entry = this.#task.files[nr]
    if (entry === undefined)
      throw new Error(
        `ctx.file() can make ${this.#task.files.length} files; put more of them into ctx.directory`,
      )
    this.#begun += 1
    const size = await this.#fill(entry.fd, source)
    this.#calls?.seal(entry.fd)
    const file = new SharedFile({ path: entry.path, size, bytes: () => this.#read(entry.fd, size) })
    this.#files[nr] = { file, size }
    return file
  }

  /** Resolves with the size. */
  async #fill(fd: number, source: FileSource): Promise<number> {
    const { expected, chunks } = openSource(source)
    this.#calls?.reserve(fd, 0, expected)
    let size = 0
    for await (const chunk of chunks) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      const end = size + bytes.byteLength
      const reserved = Math.max(expected, size)
      if (end > reserved) this.#calls?.reserve(fd, reserved, end - reserved)
      writeAt(fd, bytes, size)
      size = end
    }
    if (size < expected) throw new Error('the file became shorter while it was read')
    return size
  }

  #read(fd: number, size: number): Buffer {
    if (size === 0) return Buffer.alloc(0)
    if (this.#calls) return Buffer.from(this.#calls.map(fd, size).view(0, size))
    const bytes = Buffer.alloc(size)
    for (let done = 0; done < size;)
      done += readSync(fd, bytes, done, Math.min(longestTransfer, size - done), done)
    return bytes
  }
}

interface OpenSource {
  /** Bytes; 0 when that is not known. */
  readonly expected: number
  readonly chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array>
}

/** Bytes that are read from a file at once. */
const highWaterMark = 4 * 1024 * 1024

function openSource(source: FileSource): OpenSource {
  if (typeof source === 'string' || source instanceof URL)
    return { expected: statSync(source).size, chunks: createReadStream(source, { highWaterMark }) }
  if (source instanceof ArrayBuffer) return { expected: source.byteLength, chunks: [new Uint8Array(source)] }
  return source instanceof Uint8Array
    ? { expected: source.byteLength, chunks: [source] }
    : { expected: 0, chunks: source }
}

function writeAt(fd: number, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.byteLength;) {
    const rest = bytes.subarray(done, done + longestTransfer)
    done += writeSync(fd, rest, 0, rest.byteLength, offset + done)
  }
}
