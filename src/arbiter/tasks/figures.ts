// Runs in the arbiter: what has become of the tasks since the start of the server, from the reports of the
// processes that call and run them. What a process has done still counts when it has exited.

import {
  addCalls,
  endedCalls,
  type CallCounts,
  type RunFigures,
  type TaskReport,
} from '../../ipc/task-report.ts'
import { addCounts, quantile } from '../../tasks/model/histogram.ts'
import type { TaskFigures } from '../model/snapshot.ts'
import type { WorkerRecord } from '../model/worker-record.ts'

/** Sums of several processes. */
interface Sums {
  readonly calls: CallCounts
  readonly ran: RunFigures
}

const nothing: Sums = {
  calls: addCalls([]),
  ran: { tasks: 0, batches: 0, waits: [], runs: [] },
}

export class FiguresOfTasks {
  readonly #reports = new Map<number, { readonly task: string | null; readonly report: TaskReport }>()
  /** Of processes that have exited, by task. */
  readonly #past = new Map<string, Sums>()

  report({ age, task }: Pick<WorkerRecord, 'age' | 'task'>, report: TaskReport): void {
    this.#reports.set(age, { task, report })
  }

  /** The process has exited: nothing of it waits or runs any more. */
  ended(age: number): void {
    const last = this.#reports.get(age)
    if (last === undefined) return
    this.#reports.delete(age)
    const names = new Set([...Object.keys(last.report.calls), ...(last.task === null ? [] : [last.task])])
    for (const name of names) {
      const { calls, ran } = partOf(name, last)
      const over = { calls: endedCalls(calls), ran }
      this.#past.set(name, add(this.#past.get(name) ?? nothing, over))
    }
  }

  of(name: string): TaskFigures {
    const { calls, ran } = [...this.#reports.values()].reduce(
      (sums, reported) => add(sums, partOf(name, reported)),
      this.#past.get(name) ?? nothing,
    )
    const time = (counts: readonly number[], share: number): number | null => rounded(quantile(counts, share))
    return {
      ...calls,
      batches: ran.batches,
      batch_mean: ran.batches === 0 ? null : Math.round((ran.tasks / ran.batches) * 10) / 10,
      wait_p50_ms: time(ran.waits, 0.5),
      wait_p99_ms: time(ran.waits, 0.99),
      run_p50_ms: time(ran.runs, 0.5),
      run_p99_ms: time(ran.runs, 0.99),
    }
  }
}

function partOf(
  name: string,
  { task, report }: { readonly task: string | null; readonly report: TaskReport },
): Sums {
  const ran = task === name ? report.ran : undefined
  return { calls: report.calls[name] ?? nothing.calls, ran: ran ?? nothing.ran }
}

function add(one: Sums, other: Sums): Sums {
  return {
    calls: addCalls([one.calls, other.calls]),
    ran: {
      tasks: one.ran.tasks + other.ran.tasks,
      batches: one.ran.batches + other.ran.batches,
      waits: addCounts(one.ran.waits, other.ran.waits),
      runs: addCounts(one.ran.runs, other.ran.runs),
    },
  }
}

/** To three digits. */
function rounded(milliseconds: number | undefined): number | null {
  return milliseconds === undefined ? null : Number(milliseconds.toPrecision(3))
}
