// Runs in a worker: one call of a task, from its input to its end. A call whose process ends before it has
// begun is sent again; it has lost nothing but time.

import { userFrames } from '../../os/own-frames.ts'
import { afterReads } from '../../os/system/after-reads.ts'
import { longestDelay, machineNow } from '../../os/system/clock.ts'
import type { TaskErrorCode } from '../model/codes.ts'
import type { RunOptions } from '../model/link.ts'
import { giveIdentity, restoreThrown } from '../wire/error-value.ts'
import { BadFrame, type Frame } from '../wire/frame.ts'
import { markAlone, readBegin, readError, readRefused, readValue, type Begin } from '../wire/messages.ts'
import type { Outgoing } from '../wire/value-writer.ts'
import { TaskError } from '../model/task-error.ts'
import type { CallSite } from './call-site.ts'
import { Connection, type ConnectionEvents } from './connection.ts'
import type { Ending } from './counters.ts'
import { decideEnd, isUnreachable } from './decide-end.ts'
import { failureText } from './failure-text.ts'
import type { CallTarget } from './target.ts'

export interface CallEnds {
  readonly resolve: (output: unknown) => void
  readonly reject: (reason: unknown) => void
  /** Where the app has made the call, for the stack of an error. */
  readonly site: CallSite
}

const endings: Readonly<Record<TaskErrorCode, Ending>> = {
  TASK_QUEUE_FULL: 'refused',
  TASK_STOPPING: 'refused',
  TASK_TIMEOUT: 'timed_out',
  TASK_LOST: 'lost',
  TASK_FAILED: 'failed',
}

export class Call implements ConnectionEvents {
  readonly #target: CallTarget
  readonly #options: RunOptions
  readonly #ends: CallEnds
  /** Absent when it cannot be sent again. */
  #request: Outgoing | undefined
  #connection: Connection | undefined
  #begun: Begin | undefined
  #attempt = 1
  #returned = 0
  #unreachableSince: number | undefined
  #timeLimit: NodeJS.Timeout | undefined
  #pause: NodeJS.Timeout | undefined
  #signals: readonly AbortSignal[]
  #isOver = false

  /** `signals`: each cancels it. None of them is aborted. */
  constructor(
    target: CallTarget,
    request: Outgoing,
    options: RunOptions & { readonly signals: readonly AbortSignal[] },
    ends: CallEnds,
  ) {
    this.#target = target
    this.#request = request
    this.#options = options
    this.#ends = ends
    this.#signals = options.signals
    for (const signal of this.#signals) target.aborts.add(signal, this)
    const { timeout } = options
    if (timeout !== undefined)
      this.#timeLimit = setTimeout(
        () => afterReads(() => this.#onTimeUp(timeout)),
        Math.min(timeout, longestDelay),
      )
    target.statistics.waiting += 1
    this.#connect()
  }

  cancel(reason: unknown): void {
    if (this.#settle('cancelled')) this.#ends.reject(reason)
  }

  /** Lets progress wait until `resume`. */
  pause(): void {
    this.#connection?.pause()
  }

  resume(): void {
    this.#connection?.resume()
  }

  onFrame(frame: Frame): void {
    switch (frame.kind) {
      case 'begin':
        return this.#onBegin(readBegin(frame))
      case 'progress':
        return this.#onProgress(readValue(frame))
      case 'result':
        return this.#onResult(readValue(frame))
      case 'error':
        return this.#onError(frame)
      case 'refused':
        return readRefused(frame) === 'full' ? this.#fail('TASK_QUEUE_FULL') : this.#onBusy()
      case 'request':
        throw new BadFrame('a request to a caller')
    }
  }

  onEnd(error: Error | undefined): void {
    if (error instanceof BadFrame) this.#target.logBadFrame(error)
    if (isUnreachable(error)) this.#unreachableSince ??= performance.now()
    else if (!this.#begun) this.#returned += 1
    this.#continue(error, this.#isOverTime)
  }

  #connect(): void {
    const { queue, scratch } = this.#target
    const path = queue(this.#options.priority ?? 'normal')
    if (this.#request) this.#connection = new Connection(path, this.#request, this, scratch)
  }

  /** Goes on after a connection without a result. */
  #continue(error: Error | undefined, isOverTime: boolean): void {
    const now = performance.now()
    const { statistics, attempts, isStopping } = this.#target
    const next = decideEnd(error, {
      begun: this.#begun && { batch: this.#begun.batch, isOverTime },
      mayRunAgain: this.#attempt < attempts,
      returned: this.#returned,
      unreachable: now - (this.#unreachableSince ?? now),
      isStopping: isStopping(),
    })
    if (next.do === 'fail') return this.#fail(next.as, error)
    if (this.#begun) {
      this.#attempt += 1
      this.#begun = undefined
      statistics.running -= 1
      statistics.waiting += 1
    }
    if (next.alone && this.#request) markAlone(this.#request)
    if (next.after === 0) this.#connect()
    else this.#pause = setTimeout(() => this.#connect(), next.after)
  }

  #onBegin(begun: Begin): void {
    if (this.#begun) throw new BadFrame('a second begin')
    this.#begun = begun
    this.#unreachableSince = undefined
    if (this.#attempt >= this.#target.attempts) this.#request = undefined // memory of the input
    this.#target.statistics.waiting -= 1
    this.#target.statistics.running += 1
  }

  #onProgress(value: unknown): void {
    try {
      this.#options.onProgress?.(value)
    } catch (error) {
      if (this.#settle('failed')) this.#ends.reject(error)
    }
  }

  #onResult(output: unknown): void {
    if (this.#begun === undefined) throw new BadFrame('a result without a begin')
    this.#target.statistics.measure(machineNow() - this.#begun.startedAt, this.#begun.batch)
    if (this.#settle('done')) this.#ends.resolve(output)
  }

  #onError(frame: Frame): void {
    const { code, error } = readError(frame)
    if (code === 'TASK_TIMEOUT' && this.#begun) {
      this.#connection?.destroy()
      return this.#continue(undefined, true)
    }
    if (code !== 'TASK_FAILED') return this.#fail(code)
    const { name, message, stack } = error
    const failure = new TaskError(code, { task: this.#target.name, message, cause: restoreThrown(error) })
    if (this.#settle('failed')) this.#reject(failure, name, stack)
  }

  /** The process has begun another task meanwhile. */
  #onBusy(): void {
    this.#connection?.destroy()
    this.#returned += 1
    this.#continue(undefined, false)
  }

  #onTimeUp(timeout: number): void {
    if (!this.#settle('timed_out')) return
    const where = this.#begun ? 'it was running' : 'it was waiting in the queue'
    const message = `the task ${this.#target.name} has returned nothing within ${timeout} ms: ${where}`
    this.#reject(new TaskError('TASK_TIMEOUT', { task: this.#target.name, message }))
  }

  get #isOverTime(): boolean {
    const { timeout } = this.#target
    return timeout > 0 && this.#begun !== undefined && machineNow() - this.#begun.startedAt >= timeout
  }

  #fail(code: TaskErrorCode, cause?: Error): void {
    const { name: task, statistics, maxQueue, processes } = this.#target
    const message = failureText(code, this.#target, { begun: this.#begun, returned: this.#returned })
    if (!this.#settle(endings[code])) return
    const isFull = code === 'TASK_QUEUE_FULL'
    const retryAfter = isFull ? statistics.retryAfter(maxQueue, processes) : undefined
    this.#reject(new TaskError(code, { task, message, retryAfter, cause }))
  }

  /** The stack ends where the app has called the task, as that of a function which it has called. */
  #reject(error: TaskError, name = error.name, stack = ''): void {
    const top = stack === '' ? `${name}: ${error.message}` : stack
    this.#ends.reject(giveIdentity(error, name, top + userFrames(this.#ends.site.stack)))
  }

  /** Returns false when it was settled before. */
  #settle(ending: Ending): boolean {
    if (this.#isOver) return false
    this.#isOver = true
    this.#connection?.destroy()
    clearTimeout(this.#timeLimit)
    clearTimeout(this.#pause)
    const { statistics, aborts } = this.#target
    for (const signal of this.#signals) aborts.delete(signal, this)
    statistics[this.#begun ? 'running' : 'waiting'] -= 1
    statistics.count(ending)
    this.#request = undefined
    return true
  }
}
