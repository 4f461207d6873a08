// Runs in a task process: the task's code for one call, or for a batch of them, and what each caller gets.

import { types } from 'node:util'
import { longestDelay, machineNow } from '../../os/system/clock.ts'
import type { AnyDefinition, Batch } from '../model/definition.ts'
import type { RunningFor, TaskContext } from '../model/task-context.ts'
import { writeBegin, writeError, writeValue } from '../wire/messages.ts'
import type { Caller } from './caller.ts'
import { RunScope } from './run-scope.ts'
import type { HostCounts } from './statistics.ts'

export interface ExecutionParts {
  readonly name: string
  readonly definition: AnyDefinition
  readonly model: unknown
  readonly context: TaskContext
  /** Milliseconds; 0: no limit. */
  readonly timeout: number
  readonly counts: HostCounts
}

/** One call that is about to run. */
export interface Run {
  readonly caller: Caller
  readonly input: unknown
  readonly id: string
  readonly sentAt: number
  /** Tasks that wait for it. */
  readonly chain: readonly string[]
}

export class Execution {
  readonly runs: readonly Run[]
  /** On the clock of `machineNow`. */
  readonly startedAt = machineNow()
  readonly #parts: ExecutionParts

  constructor(runs: readonly Run[], parts: ExecutionParts) {
    this.runs = runs
    this.#parts = parts
  }

  /** Resolves when the code of the task has ended; never rejects. */
  async run(): Promise<void> {
    const { timeout, counts, context, definition } = this.#parts
    this.#begin()
    const limit =
      timeout > 0 ? setTimeout(() => this.#onTimeUp(), Math.min(timeout, longestDelay)) : undefined
    try {
      const { batch } = definition
      await context.run(this.#runningFor(), () => (batch ? this.#runBatch(batch) : this.#runOne()))
    } catch (error) {
      for (const run of this.runs) this.#fail(run, error)
    } finally {
      clearTimeout(limit)
      counts.ran(machineNow() - this.startedAt)
    }
  }

  /** Closes the connections of the callers that have no result yet, and returns how many these are. */
  cut(): number {
    const open = this.runs.filter(({ caller }) => !caller.isAnswered && caller.stage !== 'over')
    for (const { caller } of open) caller.destroy()
    return open.length
  }

  #begin(): void {
    const { counts } = this.#parts
    const [startedAt, batch] = [this.startedAt, this.runs.length]
    counts.begin(batch)
    for (const { caller, sentAt } of this.runs) {
      counts.waited(startedAt - sentAt)
      caller.send(writeBegin({ startedAt, batch }))
    }
  }

  #runningFor(): RunningFor {
    const { name } = this.#parts
    const chains =
      this.runs.length === 1 ? this.runs[0]?.chain : new Set(this.runs.flatMap(({ chain }) => chain))
    return { task: name, ids: this.runs.map(({ id }) => id), chain: [...(chains ?? []), name] }
  }

  async #runOne(): Promise<void> {
    const [run] = this.runs
    const { model, definition } = this.#parts
    if (run === undefined) return
    const fail = (error: Error): void => {
      this.#fail(run, error)
      run.caller.abort(error)
    }
    this.#finish(
      run,
      await definition.run?.(run.input, new RunScope(run.caller, { model, id: run.id, fail })),
    )
  }

  async #runBatch(batch: Batch<unknown, unknown, unknown>): Promise<void> {
    const { runs } = this
    const { model, name } = this.#parts
    const inputs = runs.map(({ input }) => input)
    const ids = runs.map(({ id }) => id)
    const outputs: unknown = await batch.run(inputs, {
      model,
      ids,
      get signals() {
        return runs.map(({ caller }) => caller.signal)
      },
    })
    if (!Array.isArray(outputs) || outputs.length !== runs.length)
      throw new TypeError(
        `batch.run of the task ${name} returned ${countOf(outputs)} for ${runs.length} inputs: expected an ` +
          'array with an output or an Error for each input, in their order',
      )
    for (const [index, run] of runs.entries()) {
      const output: unknown = outputs[index]
      if (types.isNativeError(output) || output instanceof Error) this.#fail(run, output)
      else this.#finish(run, output)
    }
  }

  #finish(run: Run, output: unknown): void {
    const { caller } = run
    if (caller.isAnswered) return
    if (caller.stage === 'over') return void (this.#parts.counts.cancelled += 1)
    try {
      caller.answer(writeValue('result', output, 'output'))
    } catch (error) {
      this.#fail(run, error)
    }
  }

  #fail({ caller }: Run, error: unknown): void {
    const { counts } = this.#parts
    if (caller.isAnswered) return
    if (caller.stage === 'over') return void (counts.cancelled += 1)
    counts.failed += 1
    caller.answer(writeError('TASK_FAILED', error))
  }

  /** The process is about to be ended: the code of the task runs on. */
  #onTimeUp(): void {
    const { counts, timeout, name } = this.#parts
    const reason = new DOMException(`the task ${name} took longer than ${timeout / 1000} s`, 'TimeoutError')
    for (const { caller } of this.runs) {
      caller.abort(reason)
      if (caller.isAnswered || caller.stage === 'over') continue
      counts.timedOut += 1
      caller.answer(writeError('TASK_TIMEOUT', reason))
    }
  }
}

function countOf(outputs: unknown): string {
  return Array.isArray(outputs) ? `${outputs.length} outputs` : `no array but ${typeof outputs}`
}
