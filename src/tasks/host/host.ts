// Runs in a task process: takes calls from the queues while it is free, runs them and sends their results.
// While it computes it accepts none, so that each call goes to the process that is free first.

import type { Logger } from '../../logging/records/logger.ts'
import { machineNow } from '../../os/system/clock.ts'
import type { NativeCalls } from '../../os/system/native.ts'
import { within } from '../../os/system/within.ts'
import type { AnyDefinition } from '../model/definition.ts'
import type { Priority } from '../model/queues.ts'
import type { TaskContext } from '../model/task-context.ts'
import { BadFrame } from '../wire/frame.ts'
import type { Caller } from './caller.ts'
import { loadHostCalls } from './calls.ts'
import { Execution, type Run } from './execution.ts'
import { Intake, type LastBatch } from './intake.ts'
import { HostCounts, type HostStatistics } from './statistics.ts'

/** A call that runs now. */
export interface RunningTask {
  /** Id of the request that has called it, or its own. */
  readonly id: string
  /** On the clock of `machineNow`. */
  readonly startedAt: number
}

export interface TaskHostOptions {
  readonly name: string
  readonly definition: AnyDefinition
  readonly model: unknown
  /** Descriptors of the listening sockets. */
  readonly queues: Readonly<Record<Priority, number>>
  readonly maxQueue: number
  /** Milliseconds; 0: no limit. */
  readonly timeout: number
  readonly native: NativeCalls | Error
  /** What the code runs for, for logs and calls of other tasks. */
  readonly context: TaskContext
  readonly onBegin: (tasks: readonly RunningTask[]) => void
  readonly onEnd: () => void
  readonly log: () => Pick<Logger, 'warn'>
}

export interface HostLoad {
  /** Runs that have begun. */
  readonly done: number
  /** Calls that run now. */
  readonly busy: number
  /** Calls that were accepted and have not begun. */
  readonly held: number
}

/** Bytes of results that callers have not taken, above which no further call is taken. */
const mostUnsent = 64 * 1024 * 1024

export class TaskHost {
  readonly #options: TaskHostOptions
  readonly #intake: Intake
  /** Have their result and have not taken all of it. */
  readonly #ending = new Set<Caller>()
  readonly #counts = new HostCounts()
  #execution: Execution | undefined
  #last: LastBatch = { size: 1, time: 0 }
  #onProgress: (() => void) | undefined
  #ids = 0

  constructor(options: TaskHostOptions) {
    const { name, queues, maxQueue, native, log, definition } = options
    this.#options = options
    this.#intake = new Intake({
      name,
      queues,
      maxQueue,
      calls: loadHostCalls(native),
      batch: { max: definition.batch?.max ?? 1, maxWait: definition.batch?.max_wait ?? 0 },
      hasRoom: () => this.#unsent() <= mostUnsent,
      onBatch: (callers) => this.#begin(callers),
      onRefused: (caller) => this.#keepUntilTaken(caller),
      onClosed: (caller, wasWaiting) => this.#onClosed(caller, wasWaiting),
      log,
    })
  }

  /** Starts to take calls. Rejects when a queue cannot be used. */
  listen(): Promise<void> {
    return this.#intake.start()
  }

  load(): HostLoad {
    return { done: this.#counts.tasks, busy: this.#execution?.runs.length ?? 0, held: this.#intake.held }
  }

  running(): readonly RunningTask[] {
    return this.#execution ? tasksOf(this.#execution) : []
  }

  stats(): HostStatistics {
    return this.#counts.read()
  }

  /**
   * Takes no more calls and resolves when the running ones have ended and their callers have their results,
   * at the latest after `limit` milliseconds: with how many calls were cut off then.
   */
  async drain(limit: number): Promise<number> {
    const giveUpAt = performance.now() + limit
    this.#intake.stop()
    await this.#until(() => this.#execution === undefined, giveUpAt)
    const cut = this.#execution?.cut() ?? 0
    await this.#until(() => this.#ending.size === 0, giveUpAt)
    for (const caller of this.#ending) caller.destroy()
    return cut
  }

  async #until(isDone: () => boolean, giveUpAt: number): Promise<void> {
    while (!isDone() && performance.now() < giveUpAt) {
      const progress = new Promise<void>((resolve) => void (this.#onProgress = resolve))
      await within(progress, Math.max(1, giveUpAt - performance.now()))
    }
  }

  #onClosed(caller: Caller, wasWaiting: boolean): void {
    if (wasWaiting) this.#counts.cancelled += 1
    if (!this.#ending.delete(caller)) return
    this.#onProgress?.()
    this.#intake.lookAgain()
  }

  #keepUntilTaken(caller: Caller): void {
    if (caller.unsent > 0 && caller.stage !== 'over') this.#ending.add(caller)
  }

  #unsent(): number {
    let bytes = 0
    for (const caller of this.#ending) bytes += caller.unsent
    return bytes
  }

  #begin(callers: readonly Caller[]): void {
    const runs = callers.flatMap((caller) => this.#runOf(caller) ?? [])
    if (runs.length === 0) return this.#intake.resume(this.#last)
    const execution = new Execution(runs, { ...this.#options, counts: this.#counts })
    this.#execution = execution
    this.#options.onBegin(tasksOf(execution))
    void execution.run().then(() => this.#onExecuted(execution))
  }

  #runOf(caller: Caller): Run | undefined {
    const { request } = caller
    if (request === undefined) return undefined
    try {
      const { sentAt, chain, id = this.#ownId() } = request
      return { caller, input: request.input(), id, sentAt, chain }
    } catch (error) {
      if (!(error instanceof BadFrame)) throw error
      caller.destroy()
      this.#intake.logBadFrame(error)
      return undefined
    }
  }

  #ownId(): string {
    this.#ids += 1
    return `${this.#options.name}-${process.pid}-${this.#ids}`
  }

  #onExecuted({ runs, startedAt }: Execution): void {
    for (const { caller } of runs) this.#keepUntilTaken(caller)
    this.#last = { size: runs.length, time: machineNow() - startedAt }
    this.#execution = undefined
    this.#options.onEnd()
    this.#onProgress?.()
    this.#intake.resume(this.#last)
  }
}

function tasksOf({ runs, startedAt }: Execution): readonly RunningTask[] {
  return runs.map(({ id }) => ({ id, startedAt }))
}
