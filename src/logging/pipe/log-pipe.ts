// The worker's end of its log pipe: gathers lines into frames. Records of the error log and the app log are
// written at once, so that none is lost when the worker dies (as pino does by default; about 3 µs each).
// Access lines, one per request, are written at once after a pause, otherwise together with those of the next
// 10 ms, as frames of whole lines.

import { logNames, type LogName } from '../log-names.ts'
import { encodeFrame, FrameBuilder } from './frame.ts'
import type { FrameSink } from './frame-sink.ts'

/** Milliseconds that an access line may wait before it is written. */
const flushInterval = 10

export class LogPipe {
  readonly #sink: FrameSink
  readonly #gathered: Readonly<Record<LogName, FrameBuilder>>
  /** Time of the last flush, on the clock of `performance.now`. */
  #flushedAt = 0
  #flushTimer: NodeJS.Timeout | undefined

  constructor(sink: FrameSink) {
    this.#sink = sink
    this.#gathered = {
      access: new FrameBuilder('access'),
      error: new FrameBuilder('error'),
      app: new FrameBuilder('app'),
    }
    sink.queue?.onEmpty(() => this.flush())
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

  /** Writes queued frames and gathered lines, unless others wait already. */
  flush(): void {
    const { queue } = this.#sink
    if (queue?.isEmpty === false) return queue.retry()
    for (const log of logNames) this.#flushLog(log)
  }

  /** For the end of the process: blocks until all is written, or the sink gives up waiting. */
  flushAndWait(): void {
    const { queue } = this.#sink
    if (queue) queue.wait(() => this.#hasGathered())
    else this.flush()
  }

  /** While frames wait, lines stay in the builders, so that frames are few and large. */
  #writeNow(log: LogName, now: number): void {
    const { queue } = this.#sink
    if (queue?.isEmpty === false) queue.retryAt(now)
    else this.#flushLog(log)
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

  #makeRoom(log: LogName, line: string): void {
    this.#flushLog(log)
    // longer than a gathered frame can be
    if (!this.#gathered[log].append(line)) this.#sink.send(log, encodeFrame(log, line), 1)
  }

  #flushLog(log: LogName): void {
    const gathered = this.#gathered[log]
    const { lines } = gathered
    if (lines > 0) this.#sink.send(log, gathered.take(), lines)
  }
}
