// Renders a snapshot as hooks and the control socket show it: snake_case names, seconds. Pure.

import type { ServerView, WorkerView } from '../../config/hooks/views.ts'
import type { Snapshot, TakeSnapshot } from './snapshot.ts'
import type { Verdict } from './death/verdict.ts'
import type { WorkerRecord } from './worker-record.ts'

/** `now`: monotonic milliseconds. `verdict`: of a worker that has ended. */
export function workerView(worker: WorkerRecord, now: number, verdict?: Verdict): WorkerView {
  const { nr, task, service, age, generation, pid, state, reason, spawnedAt, readyAt, lastBeat } = worker
  const { requests, busy, connections, overdue, rss } = worker.load
  const view = {
    nr,
    task,
    service,
    age,
    generation,
    pid,
    state,
    reason,
    age_seconds: seconds(now - spawnedAt),
    uptime_seconds: readyAt === null ? null : seconds(now - readyAt),
    beat_seconds: seconds(now - lastBeat),
    requests,
    busy,
    connections,
    overdue,
    rss,
  }
  return verdict === undefined ? view : { ...view, exit: exitView(worker, verdict) }
}

function exitView({ report }: WorkerRecord, verdict: Verdict): NonNullable<WorkerView['exit']> {
  const { reason, code, signal, endedBy, lastLines = [] } = verdict
  const exit = { reason, code, signal, ended_by: endedBy, stderr: lastLines }
  return report === null ? exit : { ...exit, report }
}

/** To a tenth. */
function seconds(milliseconds: number): number {
  return Math.max(0, Math.round(milliseconds / 100) / 10)
}

/** Every worker of every pool. */
export function workersOf({ pools, now }: Snapshot): readonly WorkerView[] {
  return pools.flatMap(({ workers }) => workers.map((worker) => workerView(worker, now)))
}

/** The server as the hooks of the arbiter see it. Each property is read when a hook asks for it. */
export function serverView(take: TakeSnapshot): ServerView {
  return {
    get pid() {
      return take().pid
    },
    get version() {
      return take().version
    },
    get listeners() {
      return take().listeners
    },
    get settings() {
      return take().settings
    },
    get num_workers() {
      return take().pools[0].target
    },
    get generation() {
      return take().pools[0].generation
    },
    get workers() {
      return workersOf(take())
    },
    get slots() {
      return take().pools[0].slots
    },
    get logs() {
      return take().logs
    },
  }
}
