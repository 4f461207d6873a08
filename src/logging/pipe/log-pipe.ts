// The worker's end of its log pipe. Records of the error log and the app log are written at once, so that
// none is lost when the worker dies (as pino does by default; about 3 µs each). Access lines, one per
// request, are written at once after a pause, otherwise together with those of the next 10 ms, as frames of
// whole lines. A write never blocks. Lines that the arbiter does not read in time are buffered here up to a
// limit; beyond it they are dropped, counted and reported.

import { writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { hasCode } from '../../os/error-code.ts'
import { logNames, type LogName } from '../log-names.ts'
import { encodeFrame, FrameBuilder } from './frame.ts'

/** Milliseconds that an access line may wait before it is written. */
const flushInterval = 10
/** Milliseconds until a full pipe is tried again; a socket accepts about 200 KiB at a time. */
const retryInterval = 4
/** Milliseconds that an exiting worker waits for the arbiter to read its last lines. */
const exitTimeout = 1000

export class LogPipe {
  readonly #fd: number
  readonly #gathered: Readonly<Record<LogName, FrameBuilder>>
  readonly #dropped: Record<LogName, number> = { access: 0, error: 0, app: 0 }
  readonly #limit: number
  readonly #onDropped: (log: LogName, lines: number) => void
  /** Frames taken from the builders and not yet written. */
  #queue: Buffer[] = []
  #queuedBytes = 0
  /** Time of the last flush, on the clock of `performance.now`. */
  #flushedAt = 0
  /** Time of the last attempt to write to a full pipe, on the same clock. */
  #triedAt = 0
  #flushTimer: NodeJS.Timeout | undefined
  #retryTimer: NodeJS.Timeout | undefined

  /** `limit`: bytes that may be buffered. */
  constructor(fd: number, limit: number, onDropped: (log: LogName, lines: number) => void) {
    this.#fd = fd
    this.#limit = limit
    this.#onDropped = onDropped
    this.#gathered = {
      access: new FrameBuilder('access'),
      error: new FrameBuilder('error'),
      app: new FrameBuilder('app'),
    }
    // Opening a socket makes the descriptor non-blocking (uv_pipe_open). All writes below use write(2).
    new Socket({ fd, readable: false, writable: true }).unref().on('error', () => this.#discardQueue())
  }

  /** Takes one line, which ends in a newline; `now` is on the clock of `performance.now`. */
  write(log: LogName, line: string, now = performance.now()): void {
    if (!this.#gathered[log].append(line)) this.#makeRoom(log, line)
    if (log !== 'access') return this.#writeNow(log, now)
    if (this.#flushTimer === undefined) return this.#flushAndGather(now)
    if (now - this.#flushedAt < flushInterval) return
    this.#flushedAt = now // the timer is late, because the event loop is held up
    this.flush()
  }

  /** Writes queued frames and gathered lines, as far as the pipe has room. */
  flush(): void {
    if (this.#queue.length > 0) return this.#drain()
    for (const log of logNames) this.#flushLog(log)
  }

  /** For the end of the process: blocks until all is written, at most `exitTimeout`. */
  flushAndWait(): void {
    const sleeper = new Int32Array(new SharedArrayBuffer(4))
    const deadline = performance.now() + exitTimeout
    this.#drain()
    while (this.#isWaiting() && performance.now() < deadline) {
      if (this.#queue.length > 0) Atomics.wait(sleeper, 0, 0, retryInterval)
      this.#drain()
    }
  }

  /**
   * While the pipe is full, lines stay in the builders, so that frames are few and large. The pipe is tried
   * again here because a blocked event loop runs no timer.
   */
  #writeNow(log: LogName, now: number): void {
    if (this.#queue.length === 0) this.#flushLog(log)
    else if (now - this.#triedAt >= retryInterval) this.#drain()
  }

  /** The first line after a pause is written now, so that it is not lost if the worker is killed next. */
  #flushAndGather(now: number): void {
    this.#flushedAt = now
    this.flush()
    this.#flushTimer = setTimeout(() => {
      this.#flushTimer = undefined
      if (this.#hasGathered()) this.#flushAndGather(performance.now())
    }, flushInterval).unref()
  }

  #hasGathered(): boolean {
    return logNames.some((log) => this.#gathered[log].lines > 0)
  }

  #isWaiting(): boolean {
    return this.#queue.length > 0 || this.#hasGathered()
  }

  #makeRoom(log: LogName, line: string): void {
    this.#flushLog(log)
    // longer than a gathered frame can be
    if (!this.#gathered[log].append(line)) this.#send(log, encodeFrame(log, line), 1)
  }

  #flushLog(log: LogName): void {
    const gathered = this.#gathered[log]
    const { lines } = gathered
    if (lines > 0) this.#send(log, gathered.take(), lines)
  }

  #send(log: LogName, frame: Buffer | undefined, lines: number): void {
    if (frame === undefined || this.#queuedBytes + frame.length > this.#limit) {
      this.#dropped[log] += lines
      if (this.#queue.length === 0) this.#retryLater() // reports the dropped lines
      return
    }
    const written = this.#queue.length === 0 ? this.#tryWrite(frame) : 0
    if (written === frame.length) return
    this.#queue.push(Buffer.from(frame.subarray(written))) // a copy: the builder reuses its buffer
    this.#queuedBytes += frame.length - written
    this.#retryLater()
  }

  #retryLater(): void {
    this.#retryTimer ??= setTimeout(() => {
      this.#retryTimer = undefined
      this.#drain()
    }, retryInterval).unref()
  }

  /** Writes queued frames, then lines gathered since, as far as the pipe has room. */
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
    this.#reportDropped()
    this.flush()
  }

  /** Returns the number of bytes written; 0 when the pipe is full. */
  #tryWrite(frame: Buffer): number {
    try {
      return writeSync(this.#fd, frame)
    } catch (error) {
      if (hasCode(error, 'EAGAIN', 'EWOULDBLOCK')) return 0 // the pipe is full
      // The arbiter has exited: the lines are lost, and the closed IPC channel ends this worker soon.
      return frame.length
    }
  }

  #reportDropped(): void {
    for (const log of logNames) {
      const lines = this.#dropped[log]
      if (lines === 0) continue
      this.#dropped[log] = 0
      this.#onDropped(log, lines)
    }
  }

  #discardQueue(): void {
    this.#queue = []
    this.#queuedBytes = 0
  }
}
