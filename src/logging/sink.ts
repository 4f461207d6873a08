// Runs in the arbiter: where the lines of one log end. Writing never waits. Lines that a slow or full disk does not take wait in memory up
// to a bound, and are written when it takes lines again; beyond the bound they are dropped and counted. A line is never torn or doubled.

import { isatty } from 'node:tty'
import { FileOutlet, StandardOutlet } from './outlet.ts'
import type { Outlet } from './outlet.ts'

/** Bytes that may wait for the disk, for each log. */
export const bufferBound = 16 * 1_048_576

/** Bytes that are written at a time. */
const pieceBytes = 262_144

/** Milliseconds between two tries after a failure. */
const retryInterval = 1000

const newline = 10

export interface Sink {
  /** The path, `stdout` or `stderr`. */
  readonly name: string
  readonly isTerminal: boolean
  /** Takes whole lines. */
  write(lines: Buffer | string): void
  /** How many lines were dropped since the last call; 0 while the log cannot be written, for then more will be. */
  takeDropped(): number
  /** Opens the path anew: what was written before is in the file that had the name, what comes after goes to the new one. */
  reopen(): Promise<void>
  /** Fulfils when all lines are written, or cannot be. Answers how many were lost. */
  close(): Promise<number>
}

/** What becomes of a log while the server runs. */
export interface SinkWatch {
  /** Told once until it has recovered. */
  failed(name: string, error: Error): void
  recovered(name: string): void
}

/** Opens a log file for appending. Rejects with the system's error when it cannot be opened. */
export async function openFileSink(path: string, watch: SinkWatch): Promise<Sink> {
  const outlet = new FileOutlet(path)
  await outlet.reopen()
  return new BufferedSink({ name: path, isTerminal: false, outlet, watch })
}

export function openStandardSink(name: 'stdout' | 'stderr', watch: SinkWatch): Sink {
  const fd = name === 'stdout' ? 1 : 2
  return new BufferedSink({ name, isTerminal: isatty(fd), outlet: new StandardOutlet(fd), watch })
}

export interface BufferedSinkOptions {
  readonly name: string
  readonly isTerminal: boolean
  readonly outlet: Outlet
  readonly watch: SinkWatch
}

export class BufferedSink implements Sink {
  readonly name: string
  readonly isTerminal: boolean
  readonly #outlet: Outlet
  readonly #watch: SinkWatch
  #waiting: Buffer[] = []
  #waitingBytes = 0
  /** Bytes of the first waiting line that were written before the outlet failed. */
  #cutOff = 0
  #dropped = 0
  #failing = false
  #scheduled = false
  #retry: NodeJS.Timeout | undefined
  /** Writes and reopenings, one at a time. */
  #lane: Promise<unknown> = Promise.resolve()

  constructor({ name, isTerminal, outlet, watch }: BufferedSinkOptions) {
    this.name = name
    this.isTerminal = isTerminal
    this.#outlet = outlet
    this.#watch = watch
  }

  write(lines: Buffer | string): void {
    const bytes = typeof lines === 'string' ? Buffer.from(lines) : lines
    if (this.#waitingBytes + bytes.length > bufferBound) {
      this.#dropped += countLines(bytes)
      return
    }
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    if (!this.#failing) this.#schedule()
  }

  takeDropped(): number {
    if (this.#failing) return 0
    const dropped = this.#dropped
    this.#dropped = 0
    return dropped
  }

  async reopen(): Promise<void> {
    await this.#next(async () => this.#reopenOutlet())
    this.#schedule()
  }

  async close(): Promise<number> {
    clearTimeout(this.#retry)
    while (this.#scheduled) await this.#lane
    if (this.#failing && this.#waitingBytes > 0) await this.#next(() => this.#writeWaiting()) // a last try
    while (this.#scheduled) await this.#lane
    clearTimeout(this.#retry)
    await this.#outlet.close()
    return this.#dropped + this.#waiting.reduce((lines, bytes) => lines + countLines(bytes), 0)
  }

  #next<Result>(step: () => Promise<Result>): Promise<Result> {
    const done = this.#lane.then(step)
    this.#lane = done.catch(() => undefined) // whoever asked for the step hears of it
    return done
  }

  /** A piece at a time, so that a reopening does not wait until all lines of a busy server are written. */
  #schedule(): void {
    if (this.#scheduled || this.#waitingBytes === 0) return
    this.#scheduled = true
    void this.#next(() => this.#writeWaiting())
  }

  async #writeWaiting(): Promise<void> {
    clearTimeout(this.#retry)
    try {
      if (this.#failing) await this.#reopenOutlet()
      await this.#writePiece()
      this.#recovered()
    } catch (error) {
      this.#failed(error instanceof Error ? error : new Error(String(error)))
    }
    this.#scheduled = false
    if (!this.#failing) this.#schedule()
  }

  async #reopenOutlet(): Promise<void> {
    const goesOn = await this.#outlet.reopen()
    if (!goesOn) this.#cutOff = 0 // another file: it gets the whole line
  }

  async #writePiece(): Promise<void> {
    const piece = this.#takePiece()
    const { bytes, error } = await this.#outlet.write(piece.subarray(this.#cutOff))
    const written = this.#cutOff + bytes
    this.#cutOff = 0
    if (error === undefined) return
    const lineStart = written === 0 ? 0 : piece.lastIndexOf(newline, written - 1) + 1
    this.#cutOff = written - lineStart
    this.#waiting.unshift(piece.subarray(lineStart))
    this.#waitingBytes += piece.length - lineStart
    throw error
  }

  #takePiece(): Buffer {
    let [count, size] = [0, 0]
    for (const bytes of this.#waiting) {
      if (count > 0 && size + bytes.length > pieceBytes) break
      count += 1
      size += bytes.length
    }
    const parts = this.#waiting.splice(0, count)
    this.#waitingBytes -= size
    const [only] = parts
    return parts.length === 1 && only ? only : Buffer.concat(parts, size)
  }

  /** The disk is full, say. It is told once, and tried again until it works. */
  #failed(error: Error): void {
    const first = !this.#failing
    this.#failing = true
    this.#retry = setTimeout(() => {
      this.#scheduled = true
      void this.#next(() => this.#writeWaiting())
    }, retryInterval).unref()
    if (first) this.#watch.failed(this.name, error)
  }

  #recovered(): void {
    if (!this.#failing) return
    this.#failing = false
    this.#watch.recovered(this.name)
  }
}

/** For a log that is switched off. */
export const nullSink: Sink = {
  name: 'none',
  isTerminal: false,
  write: () => undefined,
  takeDropped: () => 0,
  reopen: () => Promise.resolve(),
  close: () => Promise.resolve(0),
}

function countLines(lines: Buffer): number {
  let count = 0
  for (let at = lines.indexOf(newline); at !== -1; at = lines.indexOf(newline, at + 1)) count += 1
  return count
}
