// Writes the frames of a worker to its log pipe. A write never blocks. Frames that the arbiter does not read
// in time are queued here up to a limit; beyond it their lines are dropped, counted and reported.

import { writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { hasCode } from '../../os/error-code.ts'
import type { LogName } from '../log-names.ts'
import { DroppedLines } from './dropped-lines.ts'
import type { FrameQueue, FrameSink } from './frame-sink.ts'

/** Milliseconds until a full pipe is tried again; a socket accepts about 200 KiB at a time. */
const retryInterval = 4
/** Milliseconds that an exiting worker waits for the arbiter to read its last lines. */
const exitTimeout = 1000

export class FrameWriter implements FrameSink, FrameQueue {
  readonly queue = this
  readonly #fd: number
  readonly #dropped: DroppedLines
  readonly #limit: number
  #onEmpty: () => void = () => undefined
  #queue: Buffer[] = []
  #queuedBytes = 0
  /** Time of the last attempt to write to a full pipe, on the clock of `performance.now`. */
  #triedAt = 0
  #retryTimer: NodeJS.Timeout | undefined

  /** `limit`: bytes that may be queued. */
  constructor(fd: number, limit: number, onDropped: (log: LogName, lines: number) => void) {
    this.#fd = fd
    this.#limit = limit
    this.#dropped = new DroppedLines(onDropped)
    // Opening a socket makes the descriptor non-blocking (uv_pipe_open). All writes below use write(2).
    new Socket({ fd, readable: false, writable: true }).unref().on('error', () => this.#discardQueue())
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0
  }

  onEmpty(onEmpty: () => void): void {
    this.#onEmpty = onEmpty
  }

  send(log: LogName, frame: Buffer | undefined, lines: number): void {
    if (frame === undefined || this.#queuedBytes + frame.length > this.#limit) {
      this.#dropped.add(log, lines)
      if (this.isEmpty) this.#retryLater() // reports the dropped lines
      return
    }
    const written = this.isEmpty ? this.#tryWrite(frame) : 0
    if (written === frame.length) return
    this.#queue.push(Buffer.from(frame.subarray(written))) // a copy: the builder reuses its buffer
    this.#queuedBytes += frame.length - written
    this.#retryLater()
  }

  retryAt(now: number): void {
    if (now - this.#triedAt >= retryInterval) this.retry()
  }

  retry(): void {
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
    this.#dropped.report()
    this.#onEmpty()
  }

  wait(isWaiting: () => boolean): void {
    const sleeper = new Int32Array(new SharedArrayBuffer(4))
    const deadline = performance.now() + exitTimeout
    this.retry()
    while ((!this.isEmpty || isWaiting()) && performance.now() < deadline) {
      if (!this.isEmpty) Atomics.wait(sleeper, 0, 0, retryInterval)
      this.retry()
    }
  }

  #retryLater(): void {
    this.#retryTimer ??= setTimeout(() => {
      this.#retryTimer = undefined
      this.retry()
    }, retryInterval).unref()
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

  #discardQueue(): void {
    this.#queue = []
    this.#queuedBytes = 0
  }
}
