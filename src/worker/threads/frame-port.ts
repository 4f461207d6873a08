// Runs in a thread that serves: sends the frames of its log lines to the main thread, which writes them, so
// that no thread splits the frames of another. What is posted has left this thread, also when it is
// terminated in the next moment. What the main thread has not written yet is limited; beyond that, lines are
// dropped, counted and reported.

import type { LogName } from '../../logging/log-names.ts'
import { DroppedLines } from '../../logging/pipe/dropped-lines.ts'
import type { FrameSink } from '../../logging/pipe/frame-sink.ts'
import type { FromThread } from './messages.ts'
import { Unwritten } from './unwritten.ts'

type Frame = Extract<FromThread, { kind: 'frame' }>

/** Milliseconds until dropped lines are reported. */
const reportDelay = 100

export class FramePort implements FrameSink {
  readonly #post: (frame: Frame) => void
  readonly #unwritten: Unwritten
  readonly #limit: number
  readonly #dropped: DroppedLines
  #timer: NodeJS.Timeout | undefined

  /** `limit`: bytes. */
  constructor(
    post: (frame: Frame) => void,
    unwritten: SharedArrayBuffer,
    limit: number,
    onDropped: (log: LogName, lines: number) => void,
  ) {
    this.#post = post
    this.#unwritten = new Unwritten(unwritten)
    this.#limit = limit
    this.#dropped = new DroppedLines(onDropped)
  }

  send(log: LogName, frame: Buffer | undefined, lines: number): void {
    if (frame === undefined || this.#unwritten.bytes + frame.length > this.#limit)
      return this.#drop(log, lines)
    this.#unwritten.add(frame.length)
    // A copy: the builder reuses its buffer, which a clone would contain as a whole.
    this.#post({ kind: 'frame', log, frame: new Uint8Array(frame), lines })
  }

  #drop(log: LogName, lines: number): void {
    this.#dropped.add(log, lines)
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#dropped.report()
    }, reportDelay).unref()
  }
}
