// Where the arbiter's lines of one log end: a file (rotating-file-stream, which a later version lets rotate) or a standard stream.
// Writing never waits. Lines that a slow or full disk does not take wait in memory up to a bound; beyond it they are dropped and counted.

import { basename, dirname } from 'node:path'
import type { Writable } from 'node:stream'
import { createStream } from 'rotating-file-stream'

/** Bytes that may wait for the disk, for each log. */
export const bufferBound = 16 * 1_048_576

/** Milliseconds between two tries to open a file that failed. */
const retryInterval = 1000

/** Only the owner and the group may read a log. */
const fileMode = 0o640

export interface Sink {
  /** The path, `stdout` or `stderr`. */
  readonly name: string
  readonly isTerminal: boolean
  /** Takes whole lines. */
  write(lines: Buffer | string): void
  /** How many lines were dropped since the last call. */
  takeDropped(): number
  /** Opens the path anew: what was written before goes to the file that had the name, what comes after to the new one. */
  reopen(): Promise<void>
  /** Fulfils when all lines are written. */
  close(): Promise<void>
}

export type OnSinkError = (name: string, error: Error) => void

/** Opens a log file for appending. Rejects with the system's error when it cannot be opened. */
export async function openFileSink(path: string, onError: OnSinkError): Promise<Sink> {
  const sink = new FileSink(path, onError)
  await sink.reopen()
  return sink
}

class FileSink implements Sink {
  readonly name: string
  readonly isTerminal = false
  readonly #onError: OnSinkError
  readonly #closing = new Set<Promise<void>>()
  #stream: Writable | undefined
  #dropped = 0
  #retry: NodeJS.Timeout | undefined

  constructor(path: string, onError: OnSinkError) {
    this.name = path
    this.#onError = onError
  }

  write(lines: Buffer | string): void {
    const stream = this.#stream
    if (stream === undefined || stream.destroyed || stream.writableLength > bufferBound) this.#dropped += countLines(lines)
    else stream.write(lines)
  }

  takeDropped(): number {
    if (this.#stream === undefined) return 0 // still failing: told when lines can be written again
    const dropped = this.#dropped
    this.#dropped = 0
    return dropped
  }

  async reopen(): Promise<void> {
    clearTimeout(this.#retry)
    const next = await openStream(this.name)
    next.on('error', (error) => this.#failed(next, error))
    const earlier = this.#stream
    this.#stream = next
    if (earlier !== undefined) this.#finish(earlier)
  }

  async close(): Promise<void> {
    clearTimeout(this.#retry)
    if (this.#stream !== undefined) this.#finish(this.#stream)
    this.#stream = undefined
    await Promise.all(this.#closing)
  }

  #finish(stream: Writable): void {
    const done = new Promise<void>((resolve) => {
      stream.once('close', resolve)
      stream.once('error', () => resolve()) // told by the listener that reopen has set
      stream.end()
    }).finally(() => this.#closing.delete(done))
    this.#closing.add(done)
  }

  /** The disk is full, say. It is told once, and the path is tried again until it can be opened. */
  #failed(stream: Writable, error: Error): void {
    if (stream !== this.#stream) return
    this.#stream = undefined
    this.#onError(this.name, error)
    this.#retryLater()
  }

  #retryLater(): void {
    this.#retry = setTimeout(() => {
      this.reopen().catch(() => this.#retryLater()) // the first failure was told; this is the same one
    }, retryInterval).unref()
  }
}

/** A stream on the path that is really open. */
function openStream(path: string): Promise<Writable> {
  return new Promise((resolve, reject) => {
    const stream = createStream(basename(path), { path: dirname(path), mode: fileMode })
    stream.once('error', reject)
    stream.once('open', () => {
      stream.off('error', reject)
      resolve(stream)
    })
  })
}

/** The master's own standard output or error. It cannot be reopened, and it is left open at the end. */
export class StandardSink implements Sink {
  readonly name: 'stdout' | 'stderr'
  readonly isTerminal: boolean
  readonly #stream: NodeJS.WriteStream
  #dropped = 0

  constructor(name: 'stdout' | 'stderr') {
    this.name = name
    this.#stream = process[name]
    this.isTerminal = this.#stream.isTTY === true
  }

  write(lines: Buffer | string): void {
    if (this.#stream.destroyed || this.#stream.writableLength > bufferBound) this.#dropped += countLines(lines)
    else this.#stream.write(lines)
  }

  takeDropped(): number {
    const dropped = this.#dropped
    this.#dropped = 0
    return dropped
  }

  async reopen(): Promise<void> {
    // Whoever started the server owns the stream.
  }

  async close(): Promise<void> {
    if (this.#stream.writableLength === 0 || this.#stream.destroyed) return
    await new Promise<void>((resolve) => this.#stream.once('drain', resolve).once('error', () => resolve()))
  }
}

/** For a log that is switched off. */
export const nullSink: Sink = {
  name: 'none',
  isTerminal: false,
  write: () => undefined,
  takeDropped: () => 0,
  reopen: () => Promise.resolve(),
  close: () => Promise.resolve(),
}

function countLines(lines: Buffer | string): number {
  let count = 0
  for (let at = lines.indexOf('\n'); at !== -1; at = lines.indexOf('\n', at + 1)) count += 1
  return count
}
