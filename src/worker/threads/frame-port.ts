// Runs in a thread that serves: sends the frames of its log lines to the main thread, which writes them, so
// that no thread splits the frames of another. What is posted has left this thread, also when it is
// terminated in the next moment. What the main thread has not written yet is limited; beyond that, lines are
// dropped, counted and reported.

import { logNames, type LogName } from '../../logging/log-names.ts'
import type { FrameSink } from '../../logging/pipe/frame-sink.ts'
import type { FromThread } from './messages.ts'

type Frame = Extract<FromThread, { kind: 'frame' }>

/** Milliseconds until dropped lines are reported. */
const reportDelay = 100

export class FramePort implements FrameSink {
  readonly #post: (frame: Frame) => void
  readonly #unwritten: BigInt64Array
  readonly #limit: number
  readonly #onDropped: (log: LogName, lines: number) => void
  readonly #dropped: Record<LogName, number> = { access: 0, error: 0, app: 0 }
  #timer: NodeJS.Timeout | undefined

  /** `limit`: bytes. */
  constructor(
    post: (frame: Frame) => void,
    unwritten: SharedArrayBuffer,
    limit: number,
    onDropped: (log: LogName, lines: number) => void,
  ) {
    this.#post = post
    this.#unwritten = new BigInt64Array(unwritten)
    this.#limit = limit
    this.#onDropped = onDropped
  }

  send(log: LogName, frame: Buffer | undefined, lines: number): void {
    if (frame === undefined || Number(Atomics.load(this.#unwritten, 0)) + frame.length > this.#limit)
      return this.#drop(log, lines)
    Atomics.add(this.#unwritten, 0, BigInt(frame.length))
    // A copy: the builder reuses its buffer, which a clone would contain as a whole.
    this.#post({ kind: 'frame', log, frame: new Uint8Array(frame), lines })
  }

  #drop(log: LogName, lines: number): void {
    this.#dropped[log] += lines
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#reportDropped()
    }, reportDelay).unref()
  }

  #reportDropped(): void {
    for (const log of logNames) {
      const lines = this.#dropped[log]
      this.#dropped[log] = 0
      if (lines > 0) this.#onDropped(log, lines)
    }
  }
}
