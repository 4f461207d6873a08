// The worker's end of its log pipe. Records of the error log and the app log are written at once, so that no
// death of the worker costs one (as pino does by default; about 3 µs each). Access lines, one for every
// request, are written at once when the pipe was quiet, otherwise with those that gather in the next 10 ms,
// as frames of whole lines. A write never blocks. What the arbiter does not take in time waits here up to a
// bound; lines beyond it are dropped, counted and told.

import { writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { channels, type Channel } from '../channels.ts'
import { encodeFrame, FrameBuilder } from './frame.ts'
import { isFull } from './is-full.ts'

/** Milliseconds that an access line may wait before it is written. */
const flushInterval = 10
/** Milliseconds until a full pipe is tried again; a socket takes about 200 KiB at a time. */
const retryInterval = 4
/** Milliseconds that an exiting worker waits for the arbiter to take its last lines. */
const exitPatience = 1000

export class LogPipe {
  readonly #fd: number
  readonly #gathered: Readonly<Record<Channel, FrameBuilder>>
  readonly #dropped: Record<Channel, number> = { access: 0, error: 0, app: 0 }
  readonly #limit: number
  readonly #onDropped: (channel: Channel, lines: number) => void
  /** What was taken out of the builders and is not written yet. */
  #queue: Buffer[] = []
  #queuedBytes = 0
  /** When all that had gathered was written, and when a full pipe was tried, for the last time. */
  #flushedAt = 0
  #triedAt = 0
  #flushTimer: NodeJS.Timeout | undefined
  #retryTimer: NodeJS.Timeout | undefined

  /** `limit`: bytes that may wait for the arbiter. */
  constructor(fd: number, limit: number, onDropped: (channel: Channel, lines: number) => void) {
    this.#fd = fd
    this.#limit = limit
    this.#onDropped = onDropped
    this.#gathered = {
      access: new FrameBuilder('access'),
      error: new FrameBuilder('error'),
      app: new FrameBuilder('app'),
    }
    // Opening it as a socket makes the descriptor non-blocking (uv_pipe_open); all writes below are plain
    // write(2).
    new Socket({ fd, readable: false, writable: true }).unref().on('error', () => this.#discardQueue())
  }

  /** Takes one line, which ends in a newline; `now` is on the clock of `performance.now`. */
  write(channel: Channel, line: string, now = performance.now()): void {
    if (!this.#gathered[channel].append(line)) this.#makeRoom(channel, line)
    if (channel !== 'access') return this.#writeNow(channel, now)
    if (this.#flushTimer === undefined) return this.#flushAndGather(now)
    if (now - this.#flushedAt < flushInterval) return
    this.#flushedAt = now // the timer is late, because the event loop is held up
    this.flush()
  }

  /** Writes what waits and what has gathered, as far as the arbiter takes it now. */
  flush(): void {
    if (this.#queue.length > 0) return this.#drain()
    for (const channel of channels) this.#flushChannel(channel)
  }

  /** For the end of the process: waits, within a bound, until all is written. */
  flushAndWait(): void {
    const sleeper = new Int32Array(new SharedArrayBuffer(4))
    const giveUpAt = performance.now() + exitPatience
    this.#drain()
    while (this.#isWaiting() && performance.now() < giveUpAt) {
      if (this.#queue.length > 0) Atomics.wait(sleeper, 0, 0, retryInterval)
      this.#drain()
    }
  }

  /**
   * When the pipe is full the builders wait their turn, so that frames stay few and large; it is tried again
   * although no timer may run.
   */
  #writeNow(channel: Channel, now: number): void {
    if (this.#queue.length === 0) this.#flushChannel(channel)
    else if (now - this.#triedAt >= retryInterval) this.#drain()
  }

  /** The first line after a pause goes out now: a worker that is killed in the next moment has written it. */
  #flushAndGather(now: number): void {
    this.#flushedAt = now
    this.flush()
    this.#flushTimer = setTimeout(() => {
      this.#flushTimer = undefined
      if (this.#hasGathered()) this.#flushAndGather(performance.now())
    }, flushInterval).unref()
  }

  #hasGathered(): boolean {
    return channels.some((channel) => this.#gathered[channel].lines > 0)
  }

  #isWaiting(): boolean {
    return this.#queue.length > 0 || this.#hasGathered()
  }

  #makeRoom(channel: Channel, line: string): void {
    this.#flushChannel(channel)
    // longer than any frame that is gathered
    if (!this.#gathered[channel].append(line)) this.#send(channel, encodeFrame(channel, line), 1)
  }

  #flushChannel(channel: Channel): void {
    const gathered = this.#gathered[channel]
    const { lines } = gathered
    if (lines > 0) this.#send(channel, gathered.take(), lines)
  }

  #send(channel: Channel, frame: Buffer | undefined, lines: number): void {
    if (frame === undefined || this.#queuedBytes + frame.length > this.#limit) {
      this.#dropped[channel] += lines
      if (this.#queue.length === 0) this.#retryLater() // to tell it
      return
    }
    const written = this.#queue.length === 0 ? this.#tryWrite(frame) : 0
    if (written === frame.length) return
    this.#queue.push(Buffer.from(frame.subarray(written))) // a copy: the builder goes on in its buffer
    this.#queuedBytes += frame.length - written
    this.#retryLater()
  }

  #retryLater(): void {
    this.#retryTimer ??= setTimeout(() => {
      this.#retryTimer = undefined
      this.#drain()
    }, retryInterval).unref()
  }

  /** Writes what waits, then what has gathered meanwhile, as far as the arbiter takes it. */
  #drain(): void {
    let frame = this.#queue[0]
    while (frame !== undefined) {
      const written = this.#tryWrite(frame)
      this.#queuedBytes -= written
      if (written < frame.length) {
        this.#triedAt = performance.now()
        this.#queue[0] = frame.subarray(written)
        return this.#retryLater()
      }
      this.#queue.shift()
      frame = this.#queue[0]
    }
    this.#tellDropped()
    this.flush()
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
      this.#onDropped(channel, lines)
    }
  }

  #discardQueue(): void {
    this.#queue = []
    this.#queuedBytes = 0
  }
}
