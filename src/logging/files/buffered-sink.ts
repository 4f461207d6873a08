// The sink of a file or standard stream. Runs in the arbiter. Writing never waits. Lines that a slow or full
// disk does not accept are buffered in memory up to a limit and written later; beyond the limit they are
// dropped and counted. A record is never torn, written twice, or split between two files.

import { within } from '../../os/system/within.ts'
import { toError } from '../records/describe-error.ts'
import type { DestinationOptions } from './destination.ts'
import { LineQueue, countLines } from './line-queue.ts'
import type { Sink, SinkCounts, SinkWatch } from './sink.ts'
import { TaskQueue } from './task-queue.ts'
import type { Rotation, Writer } from './writer.ts'

/** Milliseconds between two attempts after a failed write. */
const retryInterval = 1000
/** Milliseconds until a failed rotation is tried again; until then the file continues to grow. */
const rotationRetryInterval = 30_000
/** Milliseconds between two checks of an idle destination. */
const checkInterval = 500
/** Milliseconds after which a write in progress is reported as a failure. */
const stallLimit = 5000
/** Milliseconds that `close` waits for the last writes. */
const closeTimeout = 5000

const newline = 10

export interface BufferedSinkOptions {
  readonly name: string
  readonly isTerminal: boolean
  readonly writer: Writer
  readonly watch: SinkWatch
  /** Bytes that may be buffered in memory. */
  readonly limit: number
}

export class BufferedSink implements Sink {
  readonly name: string
  readonly isTerminal: boolean
  readonly #writer: Writer
  readonly #watch: SinkWatch
  readonly #waiting = new LineQueue()
  #limit: number
  /** Taken out of the queue, and not known to be written. */
  #piece: Buffer | undefined
  /** Start of the writer's current operation, on the monotonic clock. */
  #busySince: number | undefined
  /** Bytes of the first waiting record that were written before the writer failed. */
  #cutOff = 0
  #written = 0
  #dropped = 0
  #unreported = 0
  #rotations = 0
  #failing = false
  #stalled = false
  #scheduled = false
  #rotationFailing = false
  /** No rotation is tried before this time, on the monotonic clock. */
  #noRotationBefore = 0
  /** On the monotonic clock. */
  #checkedAt = 0
  #retry: NodeJS.Timeout | undefined
  /** Writes, reopens and rotations, one at a time. */
  readonly #tasks = new TaskQueue()

  constructor({ name, isTerminal, writer, watch, limit }: BufferedSinkOptions) {
    this.name = name
    this.isTerminal = isTerminal
    this.#writer = writer
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
    const dropped = this.#unreported
    this.#unreported = 0
    return dropped
  }

  configure(options: DestinationOptions): void {
    this.#limit = options.limit
    this.#writer.configure(options)
  }

  tick(): void {
    this.#detectStall()
    const now = performance.now()
    if (this.#busySince !== undefined || this.#failing || now - this.#checkedAt < checkInterval) return
    this.#checkedAt = now
    void this.#tasks.run(() => this.#check())
  }

  async reopen(): Promise<void> {
    await this.#tasks.run(() => this.#reopenWriter())
    this.#schedule()
  }

  rotate(): Promise<Rotation> {
    const before = this.#written + this.#waiting.bytes + (this.#piece?.length ?? 0)
    return this.#tasks.run(async () => {
      while (this.#written < before && this.#waiting.bytes > 0) {
        const error = await this.#tryWrite()
        if (error) throw error
      }
      return this.#rotateWriter()
    })
  }

  async close(): Promise<number> {
    clearTimeout(this.#retry)
    const isFinished = await within(
      this.#finish().then(() => true),
      closeTimeout,
      { late: false },
    )
    clearTimeout(this.#retry)
    const unknown = isFinished || !this.#piece ? 0 : countLines(this.#piece)
    return this.#unreported + this.#waiting.countLines() + unknown
  }

  async #finish(): Promise<void> {
    while (this.#scheduled) await this.#tasks.idle()
    // a last attempt
    if (this.#failing && this.#waiting.bytes > 0) await this.#tasks.run(() => this.#writeWaiting())
    while (this.#scheduled) await this.#tasks.idle()
    await this.#tasks.run(() => this.#writer.close())
  }

  #drop(records: Buffer): void {
    const lines = countLines(records)
    this.#dropped += lines
    this.#unreported += lines
  }

  /** One piece per task, so that a reopen does not wait until a busy server has written all lines. */
  #schedule(): void {
    if (this.#scheduled || this.#waiting.bytes === 0) return
    this.#scheduled = true
    void this.#tasks.run(() => this.#writeWaiting())
  }

  async #writeWaiting(): Promise<void> {
    clearTimeout(this.#retry)
    await this.#tryWrite()
    this.#scheduled = false
    if (!this.#failing) this.#schedule()
  }

  /** Writes a piece. Resolves with the error if that fails. */
  async #tryWrite(): Promise<Error | undefined> {
    this.#busySince = performance.now()
    try {
      if (this.#failing) await this.#reopenWriter()
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

  async #reopenWriter(): Promise<void> {
    const canContinue = await this.#writer.reopen()
    if (!canContinue) this.#cutOff = 0 // another file: it gets the whole record
  }

  async #writePiece(): Promise<void> {
    const piece = this.#waiting.take(this.#mayRotate() ? this.#writer.room : Infinity)
    this.#piece = piece
    const { bytes, error } = await this.#writer.write(piece.subarray(this.#cutOff))
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
    const error = this.#failing ? undefined : await this.#writer.check()
    if (error) this.#failed(error)
    else if (this.#cutOff === 0) await this.#rotateIfDue()
  }

  #mayRotate(): boolean {
    return performance.now() >= this.#noRotationBefore
  }

  /** Never rejects: a file that cannot be rotated continues to grow. */
  async #rotateIfDue(): Promise<void> {
    if (!this.#mayRotate() || !this.#writer.isDue(Date.now())) return
    try {
      const rotation = await this.#rotateWriter()
      if (rotation === 'busy') this.#noRotationBefore = performance.now() + retryInterval
    } catch (error) {
      this.#noRotationBefore = performance.now() + rotationRetryInterval
      if (!this.#rotationFailing) this.#watch.rotationFailed(this.name, toError(error))
      this.#rotationFailing = true
    }
  }

  async #rotateWriter(): Promise<Rotation> {
    const rotation = await this.#writer.rotate(Date.now())
    if (rotation !== 'rotated') return rotation
    this.#rotations += 1
    this.#rotationFailing = false
    this.#watch.rotated(this.name)
    return rotation
  }

  /** For example because the disk is full. Reported once, and tried again until it works. */
  #failed(error: Error): void {
    const isReported = this.#failing || this.#stalled
    this.#failing = true
    this.#retry = setTimeout(() => {
      this.#scheduled = true
      void this.#tasks.run(() => this.#writeWaiting())
    }, retryInterval).unref()
    if (!isReported) this.#watch.failed(this.name, error)
  }

  /** A network file system whose server is down does not fail: the write hangs until the server is back. */
  #detectStall(): void {
    if (this.#busySince === undefined || this.#failing || this.#stalled) return
    if (performance.now() - this.#busySince < stallLimit) return
    this.#stalled = true
    this.#watch.failed(this.name, new Error(`no write completed for ${stallLimit / 1000} seconds`))
  }

  #recovered(): void {
    if (!this.#failing && !this.#stalled) return
    this.#failing = false
    this.#stalled = false
    this.#watch.recovered(this.name)
  }
}
