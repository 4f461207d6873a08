// Runs in the main thread of a worker: what its threads report, added up for the arbiter, which knows the
// worker only. Pure.

import type { WorkerMessage } from '../../ipc/messages.ts'
import { addTaskReports, endedCalls, type TaskReport } from '../../ipc/task-report.ts'

type Beat = Extract<WorkerMessage, { type: 'beat' }>
type Change = readonly [address: string, change: number]

export class ThreadFigures {
  readonly #beats = new Map<number, Beat>()
  readonly #tasks = new Map<number, TaskReport>()
  readonly #clients = new Map<number, Map<string, number>>()
  /** Of threads that have ended. */
  #requests = 0
  #ended: TaskReport | undefined

  beat(thread: number, beat: Beat): void {
    this.#beats.set(thread, beat)
  }

  tasks(thread: number, report: TaskReport): void {
    this.#tasks.set(thread, report)
  }

  clients(thread: number, changes: readonly Change[]): void {
    const counts = this.#clients.get(thread) ?? new Map<string, number>()
    this.#clients.set(thread, counts)
    for (const [address, change] of changes) {
      const count = (counts.get(address) ?? 0) + change
      if (count === 0) counts.delete(address)
      else counts.set(address, count)
    }
  }

  /** Returns the changes by which its clients have lost their connections. */
  end(thread: number): readonly Change[] {
    this.#requests += this.#beats.get(thread)?.requests ?? 0
    const report = this.#tasks.get(thread)
    if (report) this.#ended = addTaskReports([this.#ended, withoutPresent(report)])
    const lost = [...(this.#clients.get(thread) ?? [])].map(([address, count]): Change => [address, -count])
    for (const figures of [this.#beats, this.#tasks, this.#clients]) figures.delete(thread)
    return lost
  }

  /** `rss`: bytes of the process. The heap is that which is nearest to its limit: each thread has its own. */
  total(rss: number): Beat {
    const beats = [...this.#beats.values()]
    const sum = (figure: 'requests' | 'busy' | 'connections' | 'overdue'): number =>
      beats.reduce((total, beat) => total + beat[figure], 0)
    const [fullest] = beats.toSorted((one, other) => fullness(other) - fullness(one))
    return {
      type: 'beat',
      requests: this.#requests + sum('requests'),
      busy: sum('busy'),
      connections: sum('connections'),
      overdue: sum('overdue'),
      rss,
      heapUsed: fullest?.heapUsed ?? 0,
      heapLimit: fullest?.heapLimit ?? 0,
    }
  }

  /** Undefined without tasks. */
  taskReport(): TaskReport | undefined {
    return addTaskReports([this.#ended, ...this.#tasks.values()])
  }
}

function fullness({ heapUsed, heapLimit }: Beat): number {
  return heapLimit === 0 ? 0 : heapUsed / heapLimit
}

/** The calls of a thread that has ended do not wait or run any more. */
function withoutPresent({ calls }: TaskReport): TaskReport {
  const ended = Object.entries(calls).map(([name, counts]) => [name, endedCalls(counts)])
  return { calls: Object.fromEntries(ended) as TaskReport['calls'] }
}
