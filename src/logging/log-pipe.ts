// The worker's end of its log pipe. Lines gather for at most 50 ms or 64 KiB and go out as frames of whole lines; the write never
// blocks. What the arbiter does not take in time waits here up to a bound; lines beyond it are dropped, counted and told.

import { writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { channels } from './channels.ts'
import type { Channel, Dropped } from './channels.ts'
import { encodeFrame, FrameBuilder } from './frame.ts'

/** Milliseconds that a line below level error may wait before it is written. */
const flushInterval = 50
/** Bytes that may wait for the arbiter. */
const queueBound = 8 * 1_048_576
const retryInterval = 10
/** Milliseconds that an exiting worker waits for the arbiter to take its last lines. */
const exitPatience = 1000

export class LogPipe {
  readonly #fd: number
  readonly #gathered: Readonly<Record<Channel, FrameBuilder>>
  readonly #dropped: Record<Channel, number> = { access: 0, error: 0, app: 0 }
  readonly #onDropped: (dropped: Dropped) => void
  #queue: Buffer[] = []
  #queuedBytes = 0
  #flushTimer: NodeJS.Timeout | undefined
  #retryTimer: NodeJS.Timeout | undefined

  constructor(fd: number, onDropped: (dropped: Dropped) => void) {
    this.#fd = fd
    this.#onDropped = onDropped
    this.#gathered = { access: new FrameBuilder('access'), error: new FrameBuilder('error'), app: new FrameBuilder('app') }
    // Opening it as a socket makes the descriptor non-blocking (uv_pipe_open); all writes below are plain write(2).
    new Socket({ fd, readable: false, writable: true }).unref().on('error', () => this.#discardQueue())
  }

  /** Takes one line, which ends in a newline. */
  write(channel: Channel, line: string): void {
    if (!this.#gathered[channel].append(line)) this.#makeRoom(channel, line)
    this.#flushTimer ??= setTimeout(() => this.flush(), flushInterval).unref()
  }

  /** Writes what has gathered, as far as the arbiter takes it now. */
  flush(): void {
    clearTimeout(this.#flushTimer)
    this.#flushTimer = undefined
    for (const channel of channels) this.#flushChannel(channel)
  }

  /** For the end of the process: waits, within a bound, until all is written. */
  flushAndWait(): void {
    this.flush()
    const sleeper = new Int32Array(new SharedArrayBuffer(4))
    const giveUpAt = performance.now() + exitPatience
    while (this.#queue.length > 0 && performance.now() < giveUpAt) {
      Atomics.wait(sleeper, 0, 0, retryInterval)
      this.#drainQueue()
    }
  }

  #makeRoom(channel: Channel, line: string): void {
    this.#flushChannel(channel)
    if (!this.#gathered[channel].append(line)) this.#send(channel, encodeFrame(channel, line), 1) // longer than any frame that is gathered
  }

  #flushChannel(channel: Channel): void {
    const gathered = this.#gathered[channel]
    const { lines } = gathered
    if (lines > 0) this.#send(channel, gathered.take(), lines)
  }

  #send(channel: Channel, frame: Buffer, lines: number): void {
    if (this.#queuedBytes > queueBound) {
      this.#dropped[channel] += lines
      return
    }
    const written = this.#queue.length === 0 ? this.#tryWrite(frame) : 0
    if (written === frame.length) return
    this.#queue.push(Buffer.from(frame.subarray(written))) // a copy: the builder goes on in its buffer
    this.#queuedBytes += frame.length - written
    this.#retryTimer ??= setTimeout(() => this.#drainQueue(), retryInterval).unref()
  }

  #drainQueue(): void {
    this.#retryTimer = undefined
    let frame = this.#queue[0]
    while (frame !== undefined) {
      const written = this.#tryWrite(frame)
      this.#queuedBytes -= written
      if (written < frame.length) {
        this.#queue[0] = frame.subarray(written)
        this.#retryTimer = setTimeout(() => this.#drainQueue(), retryInterval).unref()
        return
      }
      this.#queue.shift()
      frame = this.#queue[0]
    }
    this.#tellDropped()
  }

  /** How many bytes the pipe took; 0 when it is full. */
  #tryWrite(frame: Buffer): number {
    try {
      return writeSync(this.#fd, frame)
    } catch (error) {
      if (isFull(error)) return 0
      // The arbiter is gone: nobody can take the lines, and the closed channel ends this worker in a moment.
      return frame.length
    }
  }

  #tellDropped(): void {
    for (const channel of channels) {
      const lines = this.#dropped[channel]
      if (lines === 0) continue
      this.#dropped[channel] = 0
      this.#onDropped({ channel, lines })
    }
  }

  #discardQueue(): void {
    this.#queue = []
    this.#queuedBytes = 0
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EWOULDBLOCK')
}
