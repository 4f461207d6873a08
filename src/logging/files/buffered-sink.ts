// Runs in the arbiter: where the lines of one log end. Writing never waits. Lines that a slow or full disk
// does not take wait in memory up to a bound, and are written when it takes lines again; beyond the bound
// they are dropped and counted. A record is never torn or doubled, and never divided between two files.

import { toError } from '../records/describe-error.ts'
import { Lane } from './lane.ts'
import { LineQueue, countLines } from './line-queue.ts'
import type { Outlet, Rotation } from './outlet.ts'
import type { Manner } from './places.ts'
import type { Sink, SinkCounts, SinkWatch } from './sink.ts'

/** Milliseconds between two tries after a failure. */
const retryInterval = 1000
/**
 * Milliseconds until a rotation that could not be done is tried again; meanwhile the file goes on growing.
 */
const rotationRetryInterval = 30_000
/** Milliseconds between two looks at a place to which nothing is written. */
const checkInterval = 500
/** Milliseconds that a write may take before it is told. */
const stallLimit = 5000
/** Milliseconds that the end waits for a place that takes nothing. */
const closePatience = 5000

const newline = 10

export interface BufferedSinkOptions {
  readonly name: string
  readonly isTerminal: boolean
  readonly outlet: Outlet
  readonly watch: SinkWatch
  /** Bytes that may wait in memory. */
  readonly limit: number
}

export class BufferedSink implements Sink {
  readonly name: string
  readonly isTerminal: boolean
  readonly #outlet: Outlet
  readonly #watch: SinkWatch
  readonly #waiting = new LineQueue()
  #limit: number
  /** Taken out of the queue, and not known to be written. */
  #piece: Buffer | undefined
  /** On the monotonic clock: since when the outlet has been busy with what it is busy with now. */
  #busySince: number | undefined
  /** Bytes of the first waiting record that were written before the outlet failed. */
  #cutOff = 0
  #written = 0
  #dropped = 0
  #untold = 0
  #rotations = 0
  #failing = false
  #stalled = false
  #scheduled = false
  #rotationFailing = false
  /** On the monotonic clock: until when no rotation is tried. */
  #noRotationBefore = 0
  /** On the monotonic clock. */
  #checkedAt = 0
  #retry: NodeJS.Timeout | undefined
  /** Writes, reopenings and rotations, one at a time. */
  readonly #lane = new Lane()

  constructor({ name, isTerminal, outlet, watch, limit }: BufferedSinkOptions) {
    this.name = name
    this.isTerminal = isTerminal
    this.#outlet = outlet
    this.#watch = watch
    this.#limit = limit
  }

  get counts(): SinkCounts {
    return {
      written: this.#written,
      waiting: this.#waiting.bytes,
      dropped: this.#dropped,
      rotations: this.#rotations,
    }
  }

  write(records: Buffer | string): void {
    const bytes = typeof records === 'string' ? Buffer.from(records) : records
    if (this.#waiting.bytes + bytes.length > this.#limit) return this.#drop(bytes)
    this.#waiting.push(bytes)
    if (!this.#failing) this.#schedule()
  }

  takeDropped(): number {
    if (this.#failing || this.#stalled) return 0
    const dropped = this.#untold
    this.#untold = 0
    return dropped
  }

  follow(manner: Manner): void {
    this.#limit = manner.limit
    this.#outlet.follow(manner)
  }

  tick(): void {
    this.#noticeStall()
    const now = performance.now()
    if (this.#busySince !== undefined || this.#failing || now - this.#checkedAt < checkInterval) return
    this.#checkedAt = now
    void this.#lane.run(() => this.#check())
  }

  async reopen(): Promise<void> {
    await this.#lane.run(() => this.#reopenOutlet())
    this.#schedule()
  }

  rotate(): Promise<Rotation> {
    const before = this.#written + this.#waiting.bytes + (this.#piece?.length ?? 0)
    return this.#lane.run(async () => {
      while (this.#written < before && this.#waiting.bytes > 0) {
        const error = await this.#attempt()
        if (error) throw error
      }
      return this.#rotateOutlet()
    })
  }

  async close(): Promise<number> {
    clearTimeout(this.#retry)
    const isFinished = await inTime(this.#finish(), closePatience)
    clearTimeout(this.#retry)
    return (
      this.#untold + this.#waiting.countLines() + (isFinished || !this.#piece ? 0 : countLines(this.#piece))
    )
  }

  async #finish(): Promise<void> {
    while (this.#scheduled) await this.#lane.idle()
    // a last try
    if (this.#failing && this.#waiting.bytes > 0) await this.#lane.run(() => this.#writeWaiting())
    while (this.#scheduled) await this.#lane.idle()
    await this.#lane.run(() => this.#outlet.close())
  }

  #drop(records: Buffer): void {
    const lines = countLines(records)
    this.#dropped += lines
    this.#untold += lines
  }

  /** A piece at a time, so that a reopening does not wait until all lines of a busy server are written. */
  #schedule(): void {
    if (this.#scheduled || this.#waiting.bytes === 0) return
    this.#scheduled = true
    void this.#lane.run(() => this.#writeWaiting())
  }

  async #writeWaiting(): Promise<void> {
    clearTimeout(this.#retry)
    await this.#attempt()
    this.#scheduled = false
    if (!this.#failing) this.#schedule()
  }

  /** Writes a piece. Answers why it could not. */
  async #attempt(): Promise<Error | undefined> {
    this.#busySince = performance.now()
    try {
      if (this.#failing) await this.#reopenOutlet()
      if (this.#cutOff === 0) await this.#rotateIfDue()
      await this.#writePiece()
      this.#recovered()
      return undefined
    } catch (thrown) {
      const error = toError(thrown)
      this.#failed(error)
      return error
    } finally {
      this.#busySince = undefined
    }
  }

  async #reopenOutlet(): Promise<void> {
    const goesOn = await this.#outlet.reopen()
    if (!goesOn) this.#cutOff = 0 // another file: it gets the whole record
  }

  async #writePiece(): Promise<void> {
    const piece = this.#waiting.take(this.#mayRotate() ? this.#outlet.room : Infinity)
    this.#piece = piece
    const { bytes, error } = await this.#outlet.write(piece.subarray(this.#cutOff))
    this.#piece = undefined
    const written = this.#cutOff + bytes
    this.#cutOff = 0
    if (error === undefined) return void (this.#written += piece.length)
    const lineStart = written === 0 ? 0 : piece.lastIndexOf(newline, written - 1) + 1
    this.#cutOff = written - lineStart
    this.#written += lineStart
    this.#waiting.putBack(piece.subarray(lineStart))
    throw error
  }

  async #check(): Promise<void> {
    const error = this.#failing ? undefined : await this.#outlet.check()
    if (error) this.#failed(error)
    else if (this.#cutOff === 0) await this.#rotateIfDue()
  }

  #mayRotate(): boolean {
    return performance.now() >= this.#noRotationBefore
  }

  /** Never rejects: a file that cannot be rotated goes on growing. */
  async #rotateIfDue(): Promise<void> {
    if (!this.#mayRotate() || !this.#outlet.isDue(Date.now())) return
    try {
      const rotation = await this.#rotateOutlet()
      if (rotation === 'busy') this.#noRotationBefore = performance.now() + retryInterval
    } catch (error) {
      this.#noRotationBefore = performance.now() + rotationRetryInterval
      if (!this.#rotationFailing) this.#watch.rotationFailed(this.name, toError(error))
      this.#rotationFailing = true
    }
  }

  async #rotateOutlet(): Promise<Rotation> {
    const rotation = await this.#outlet.rotate(Date.now())
    if (rotation !== 'rotated') return rotation
    this.#rotations += 1
    this.#rotationFailing = false
    this.#watch.rotated(this.name)
    return rotation
  }

  /** The disk is full, say. It is told once, and tried again until it works. */
  #failed(error: Error): void {
    const isTold = this.#failing || this.#stalled
    this.#failing = true
    this.#retry = setTimeout(() => {
      this.#scheduled = true
      void this.#lane.run(() => this.#writeWaiting())
    }, retryInterval).unref()
    if (!isTold) this.#watch.failed(this.name, error)
  }

  /** A network file system whose server is gone does not fail: it answers when the server is back. */
  #noticeStall(): void {
    if (this.#busySince === undefined || this.#failing || this.#stalled) return
    if (performance.now() - this.#busySince < stallLimit) return
    this.#stalled = true
    this.#watch.failed(this.name, new Error(`it has taken nothing for ${stallLimit / 1000} seconds`))
  }

  #recovered(): void {
    if (!this.#failing && !this.#stalled) return
    this.#failing = false
    this.#stalled = false
    this.#watch.recovered(this.name)
  }
}

/** Whether it is done within so many milliseconds. */
function inTime(work: Promise<void>, patience: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), patience)
    work.then(() => resolve(true), reject).finally(() => clearTimeout(timer))
  })
}
